import { describe, expect, test } from "vitest";
import { sourceUsesOf } from "./source-uses.js";

const QUEUES = [
  { name: "emails", file: "queues/emails.ts" },
  { name: "orders.fifo", file: "queues/orders.fifo.ts" },
];

function uses(files: Record<string, string>, inputs = Object.keys(files)) {
  return sourceUsesOf(QUEUES, (file) => files[file] ?? null)(inputs);
}

function targets(files: Record<string, string>, inputs = Object.keys(files)) {
  const { queues } = uses(files, inputs);
  return queues === "all" ? "all" : [...queues].sort();
}

const IMPORT = 'import { queues } from "queue-run";\n';

describe("what is understood", () => {
  test.each<[string, string, string[]]>([
    ["a queue by name", 'await queues("emails").push({})', ["emails"]],
    ["a queue by name, unchecked", 'queues.get<{ a: 1 }>("emails").push({ a: 1 })', ["emails"]],
    ["a constant of the file", 'const NAME = "emails" as const; queues(NAME)', ["emails"]],
    [
      "several, also derived ones",
      'queues("emails").delay(1); queues("orders.fifo").group("a")',
      ["emails", "orders.fifo"],
    ],
    ["cancelling, which sends nothing", 'queues.cancel("tag")', []],
    ["a type", "let made: ReturnType<typeof queues>", []],
    ["a member and a key of the same name", "const a = { queues: 1 }; a.queues", []],
  ])("%s", (_, text, expected) => {
    expect(targets({ "lib/a.ts": IMPORT + text })).toEqual(expected);
  });

  test("a reference that a queue's file makes to itself, wherever that file is used", () => {
    const files = {
      "queues/emails.ts": `${IMPORT}export const queue = queues.self<string>();`,
      "api/a.ts": "",
    };
    expect(targets(files)).toEqual(["emails"]);
    expect(targets(files, ["api/a.ts"])).toEqual([]);
    expect(targets({ "queues/orders.fifo.ts": `${IMPORT}export const q = queues.self.fifo()` })).toEqual([
      "orders.fifo",
    ]);
  });

  test.each([
    ["another name", 'import { queues as q } from "queue-run"; q("emails")'],
    ["a namespace", 'import * as run from "queue-run"; run.queues("emails"); run.fatal("no")'],
    ["the default export", 'import run from "queue-run"; run.queues("emails")'],
    ["a namespace's get", 'import * as run from "queue-run"; run.queues.get("emails")'],
  ])("under %s", (_, text) => {
    expect(targets({ "lib/a.ts": text })).toEqual(["emails"]);
  });

  test.each([
    ["destructured", 'const { queues } = require("queue-run"); queues("emails")'],
    ["renamed", 'const { queues: q, fatal } = require("queue-run"); q("emails")'],
    ["whole", 'const run = require("queue-run"); run.queues("emails")'],
  ])("required, %s", (_, text) => {
    expect(targets({ "lib/a.cjs": text })).toEqual(["emails"]);
  });

  test.each([
    'import { fatal, route } from "queue-run"; fatal("no")',
    'export { fatal } from "queue-run"',
    "// see queue-run",
    'import type { Queue } from "queue-run"; export type A = Queue<string>',
  ])("what pushes nothing: %s", (text) => {
    expect(targets({ "lib/a.ts": text })).toEqual([]);
  });

  test("files that are not code, and packages that do not import queue-run", () => {
    const files = { "a.json": '{"queue-run":1}', "node_modules/x/a.js": "// of queue-run, not more" };
    expect(targets(files)).toEqual([]);
  });
});

describe("what may be any queue", () => {
  test.each([
    ["a name that is computed", 'queues("em" + suffix)'],
    ["a name with a part that is computed", `queues(\`e\${x}\`)`],
    ["a variable", 'let name = "emails"; queues(name)'],
    ["handing it on", "send(queues)"],
    ["keeping it", "const all = queues"],
    ["a member that is computed", "queues[method]('emails')"],
    ["a member that is not known", "queues.every"],
    ["get without a call", "const get = queues.get"],
    ["exporting it", "export { queues }"],
    ["a shorthand", "export const tools = { queues }"],
    ["no name", "queues()"],
    ["spread arguments", "queues(...names)"],
  ])("%s", (_, text) => {
    expect(targets({ "lib/a.ts": IMPORT + text })).toBe("all");
  });

  test.each([
    ["exporting it from where it is", 'export { queues } from "queue-run"'],
    ["exporting everything", 'export * from "queue-run"'],
    ["exporting everything under a name", 'export * as run from "queue-run"'],
    ["importing when it is needed", 'const { queues } = await import("queue-run")'],
    ["the default export, handed on", 'import run from "queue-run"; use(run)'],
    ["a namespace that is handed on", 'import * as run from "queue-run"; use(run)'],
    ["a namespace's member that is computed", 'import * as run from "queue-run"; run["queues"]("emails")'],
    ["text that cannot be parsed", 'import { queues } from "queue-run"; const const'],
  ])("%s", (_, text) => {
    expect(targets({ "lib/a.ts": text })).toBe("all");
  });

  test.each([
    ["required in a function", 'function f() { return require("queue-run"); }'],
    ["required in place", 'require("queue-run").queues("emails")'],
  ])("%s", (_, text) => {
    expect(targets({ "lib/a.cjs": text })).toBe("all");
  });

  test("a file that cannot be read", () => {
    expect(targets({}, ["lib/gone.ts"])).toBe("all");
  });

  test("a package that imports queue-run", () => {
    expect(targets({ "node_modules/x/index.js": 'import{queues as q}from"queue-run";q("emails")' })).toBe(
      "all",
    );
  });
});

describe("cancelling jobs of any queue", () => {
  test.each([
    ["by tag", 'queues.cancel("abandon:42")', true],
    ["with queues that may be any", "use(queues)", true],
    ["not with those of one", 'queues("emails").cancel("abandon:42")', false],
  ])("%s", (_, text, expected) => {
    expect(uses({ "lib/a.ts": IMPORT + text }).cancelsAny).toBe(expected);
  });
});

describe("sending to the WebSocket", () => {
  test.each([
    ["imported", 'import { socket } from "queue-run"; await socket.send(1)', true],
    ["under another name", 'import { socket as s } from "queue-run"; await s.to(["a"]).send(1)', true],
    ["of a namespace", 'import * as run from "queue-run"; run.socket.isOnline("a")', true],
    ["handed on", 'import { socket } from "queue-run"; use(socket)', true],
    ["exported", 'export { socket } from "queue-run"', true],
    ["perhaps, by what is not understood", 'import * as run from "queue-run"; use(run)', true],
    ["not by queues that may be any", `${IMPORT}use(queues)`, false],
    [
      "not by a socket of another's",
      'import { socket } from "./mine.js"; import "queue-run"; socket.send(1)',
      false,
    ],
  ])("%s", (_, text, expected) => {
    expect(uses({ "lib/a.ts": text }).usesSocket).toBe(expected);
  });
});
