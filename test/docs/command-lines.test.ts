import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { beforeAll, expect, it } from "vitest";
import { commands } from "../../packages/cli/src/commands/command-table.js";
import { repository } from "../harness/repository.js";
import { pages } from "./code-blocks.js";

const program = new Command("queue-run");

beforeAll(async () => {
  const silent = { write: () => true };
  const io = { stdout: silent, stderr: silent, isTerminal: false, env: {} };
  for (const { name, load } of commands) {
    const command = program.command(name).option("--cwd <dir>", "");
    (await load()).configure(command, io);
  }
});

/** Every command line of ours that documentation, examples and templates show, with where it stands. */
function commandLines(): { where: string; words: string[] }[] {
  const files = [...pages(), "test/fixtures/docs/.github/workflows/deploy.yml"];
  return files.flatMap((file) =>
    readFileSync(join(repository, file), "utf8")
      .split("\n")
      .flatMap((line, at) => {
        const found = [...line.matchAll(/npx queue-run ((?:[^`"|#)\\\n]|"[^"]*")*)/g)];
        return found.map(([, text = ""]) => ({
          where: `${file}:${at + 1}`,
          words: text.trim().split(/\s+/).filter(Boolean),
        }));
      }),
  );
}

it("shows only commands and flags that there are", () => {
  const lines = commandLines();
  expect(lines.length).toBeGreaterThan(30);
  expect(
    lines.flatMap(({ where, words }) => problems(words).map((problem) => `${where}: ${problem}`)),
  ).toEqual([]);
});

function problems(words: readonly string[]): string[] {
  let command = program;
  let at = 0;
  for (; at < words.length; at++) {
    const next = command.commands.find((each) => each.name() === words[at]);
    if (!next) break;
    command = next;
  }
  const [first = ""] = words;
  if (command === program)
    return first.startsWith("-") || first === "…" || first === "COMMAND" ? [] : [`no command ${first}`];
  if (
    command.commands.length > 0 &&
    at < words.length &&
    !words[at]?.startsWith("-") &&
    command.registeredArguments.length === 0
  )
    return [`no command ${words.slice(0, at + 1).join(" ")}`];
  // What comes after a separator is somebody else's command line.
  const own = words.includes("--") ? words.slice(0, words.indexOf("--")) : words;
  return own
    .slice(at)
    .filter((word) => /^--?[a-z]/.test(word))
    .map((word) => word.replace(/[=,.;:].*$/, ""))
    .filter((flag) => !knows(command, flag))
    .map((flag) => `${command.name()} has no ${flag}`);
}

function knows(command: Command, flag: string): boolean {
  if (flag === "--help" || flag === "-h") return true;
  for (let each: Command | null = command; each; each = each.parent)
    if (each.options.some((option) => option.long === flag || option.short === flag)) return true;
  return false;
}
