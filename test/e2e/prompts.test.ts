import { spawn, spawnSync } from "node:child_process";
import { expect, onTestFinished, test } from "vitest";
import { bin } from "../harness/repository.js";
import { makeProject } from "../harness/temporary-project.js";

/** Linux's `script` gives a program a terminal. */
const hasScript = process.platform === "linux" && spawnSync("script", ["--version"]).status === 0;

/** Asks for a variable's value on a terminal, and types once the question is there. */
async function answered(keys: string): Promise<{ code: number | null; text: string }> {
  const project = makeProject({ "queues/emails.ts": "export default async function () {}" });
  const line = `stty cols 80 rows 24; exec ${process.execPath} ${bin} env set SECRET`;
  const child = spawn("script", ["-qefc", line, "/dev/null"], {
    cwd: project.folder,
    env: { PATH: process.env.PATH, TERM: "xterm-256color" },
  });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  onTestFinished(() => void child.kill());
  let text = "";
  let typed = false;
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    if (typed || !text.includes("SECRET:")) return;
    typed = true;
    child.stdin.write(keys);
  });
  return { code: await ended, text };
}

test.skipIf(!hasScript)("Ctrl-C at a question is no answer to it", async () => {
  const { code, text } = await answered("\u0003");
  expect([code, text]).toEqual([2, expect.stringContaining("QR_NO_VALUE")]);
});

test.skipIf(!hasScript)("Ctrl-D at a question ends the command as a failure, and says so", async () => {
  const { code, text } = await answered("\u0004");
  expect([code, text]).toEqual([1, expect.stringContaining("The input ended before")]);
});
