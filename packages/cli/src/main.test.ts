import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { commands } from "./commands/command-table.js";
import { main } from "./main.js";

let folder: string;
let out: string;
let err: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "queue-run-main-"));
  out = "";
  err = "";
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (...argv: string[]): Promise<number> =>
  main(argv, {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    isTerminal: false,
    env: {},
  });

it("explains itself, and each command", async () => {
  expect(await run("--help")).toBe(0);
  for (const name of ["init", "dev", "build", "types"]) expect(out).toContain(name);
  out = "";
  expect(await run("dev", "--help")).toBe(0);
  for (const flag of [
    "--port",
    "--sqs-port",
    "--host",
    "--fresh",
    "--sqs-endpoint",
    "--inspect",
    "-e, --env",
    "--cwd",
  ])
    expect(out).toContain(flag);
  expect(err).toBe("");
});

it("says its version", async () => {
  expect(await run("--version")).toBe(0);
  expect(out).toMatch(/^\d+\.\d+\.\d+/);
});

it.each([
  ["no command", []],
  ["a command that is none", ["biuld"]],
  ["a flag that is none", ["dev", "--no-such-flag"]],
  ["a port that is none", ["dev", "--port", "many"]],
  ["a port that is too high", ["dev", "--sqs-port", "70000"]],
  ["a variable without a name", ["dev", "-e", "=value"]],
  ["an endpoint that is no URL", ["dev", "--sqs-endpoint", "localhost"]],
  ["an argument too many", ["types", "what"]],
])("ends with 2 for %s", async (_, argv) => {
  expect(await run(...argv)).toBe(2);
  expect(err).not.toBe("");
  expect(out).toBe("");
});

it.each([
  ["queue-run", ["biuld"]],
  ["queue-run status", ["status", "--bogus"]],
  ["queue-run queue", ["queue"]],
  ["queue-run failed", ["failed", "bogus"]],
  ["queue-run failed ls", ["failed", "ls", "--bogus"]],
  ["queue-run dev failed retry", ["dev", "failed", "retry", "--bogus"]],
  ["queue-run deploy", ["deploy"]],
])("wrong usage of %s points to its own help", async (path, argv) => {
  expect(await run(...argv)).toBe(2);
  expect(err.split("\n").at(-2)).toBe(`  See \`${path} --help\`.`);
});

it("every command's help has --cwd, and says each default once, as it is typed", async () => {
  const explained: string[] = [];
  const explain = async (path: string[]) => {
    out = "";
    expect([path, await run(...path, "--help")]).toEqual([path, 0]);
    const help = out;
    expect(help, path.join(" ")).toContain("--cwd <dir>");
    expect(help.replaceAll(/\s+/g, " "), path.join(" ")).not.toMatch(
      /\(default: [^)]*\) \(default|default: \[/,
    );
    explained.push(path.join(" "));
    const listed = help.split("\nCommands:\n")[1] ?? "";
    for (const [, name = ""] of listed.matchAll(/^ {2}([a-z]+)/gm))
      if (name !== "help") await explain([...path, name]);
  };
  for (const { name } of commands) await explain([name]);
  expect(explained).toContain("env set");
  expect(explained).toContain("dev failed retry");
});

it.each(["dev", "start"])("%s refuses a variable PORT that is no port, and says so", async (command) => {
  const env = { PORT: "many" };
  const io = { stdout: { write: () => true }, stderr: { write: (text: string) => (err += text) } };
  expect(await main([command, "--cwd", folder], { ...io, isTerminal: false, env })).toBe(2);
  expect(err).toContain('The variable PORT is "many"');
  expect(err).toContain("--port");
});

it.each([
  ["exec", "--stage", "a/b", "--", "true"],
  ["start", "--stage", "a b"],
  ["policy", "--stage", "a/b"],
])("%s refuses a name that no stage can have", async (...argv) => {
  const [command = "", ...rest] = argv;
  expect(await run(command, "--cwd", folder, ...rest)).toBe(2);
  expect(err).toContain("QR_STAGE_NAME");
});

it("names the command that was meant", async () => {
  await run("biuld");
  expect(err).toContain("build");
});

it("ends with 1 for a folder that is not there, and says so", async () => {
  expect(await run("types", "--cwd", join(folder, "missing"))).toBe(1);
  expect(err).toContain("missing");
  expect(err).toContain("--cwd");
});

it("ends with 1, and says what to do, when there is no server to push to", async () => {
  expect(await run("dev", "queue", "emails", "{}", "--cwd", folder, "--port", "1")).toBe(1);
  expect(err).toContain("QR_NO_DEV_SERVER");
  expect(err).toContain("npx queue-run dev");
});

it.each(["bash", "zsh", "fish"])("completes commands in %s", async (shell) => {
  expect(await run("completion", shell)).toBe(0);
  for (const name of ["dev", "build", "queue", "refresh", "confirm"]) expect(out).toContain(name);
});

it.skipIf(spawnSync("bash", ["-c", "complete"]).status !== 0).each([
  ["queue-run st", "status start"],
  ["queue-run failed ", "ls show retry edit purge"],
  ["queue-run env s", "set"],
  ["queue-run dev f", "failed"],
  ["queue-run dev failed p", "purge"],
  ["queue-run status --st", "--stage"],
  ["queue-run failed retry --a", "--all"],
  ["queue-run types --", "--cwd --help"],
])("completes %j in bash", async (line, completed) => {
  await run("completion", "bash");
  const words = line.split(" ").map((word) => `"${word}"`);
  const script = `${out}
    COMP_WORDS=(${words.join(" ")}); COMP_CWORD=${words.length - 1}; _queue_run; echo "\${COMPREPLY[*]}"`;
  expect(spawnSync("bash", ["-c", script], { encoding: "utf8" }).stdout.trim()).toBe(completed);
});
