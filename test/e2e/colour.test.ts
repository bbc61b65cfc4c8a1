import { spawn, spawnSync } from "node:child_process";
import { expect, it, onTestFinished } from "vitest";
import { freePort } from "../harness/free-port.js";
import { bin } from "../harness/repository.js";
import { makeProject } from "../harness/temporary-project.js";

/** Linux's `script` gives a program a terminal. */
const hasScript = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;

const ESCAPE = "\u001b[";

/** What `dev` prints until it is ready, on a terminal. */
async function printedOnTerminal(env: Record<string, string>): Promise<string> {
  const project = makeProject({ "api/index.ts": 'export const get = () => "ok";' });
  const ports = `--port ${await freePort()} --sqs-port ${await freePort()}`;
  const child = spawn("script", ["-qefc", `${process.execPath} ${bin} dev ${ports}`, "/dev/null"], {
    cwd: project.folder,
    env: { PATH: process.env.PATH, TERM: "xterm-256color", ...env },
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  onTestFinished(async () => {
    // Ctrl-C, as the terminal passes it on to what runs in it.
    child.stdin.write("\u0003");
    await ended;
  });
  let text = "";
  for await (const chunk of child.stdout) {
    text += chunk;
    if (text.includes("Dev server listening")) return text;
  }
  throw new Error(`It ended early: ${text}`);
}

it.skipIf(!hasScript)("is in colour on a terminal, and not with NO_COLOR", async () => {
  expect(await printedOnTerminal({})).toContain(ESCAPE);
  expect(await printedOnTerminal({ NO_COLOR: "1" })).not.toContain(ESCAPE);
});
