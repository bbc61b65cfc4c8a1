import { expect, test } from "vitest";
import { jsonLog, readableLog } from "./start-log.js";

function collecting() {
  const pieces: string[] = [];
  return { write: (piece: string) => pieces.push(piece), text: () => pieces.join("") };
}

const noon = () => Date.UTC(2026, 0, 1, 12);

test("lines that come in pieces are put together, each handler's by itself", () => {
  const out = collecting();
  const log = jsonLog(out, noon);
  log.output("a", '{"x"');
  log.output("b", "one\ntw");
  log.output("a", ":1}\n");
  expect(out.text()).toBe('one\n{"x":1}\n');
  log.flush();
  expect(out.text()).toBe('one\n{"x":1}\ntw\n');
});

test("its own lines are JSON, as functions write them", () => {
  const out = collecting();
  jsonLog(out, noon).line("WARN", "careful", { queueName: "emails" });
  expect(out.text()).toBe(
    '{"timestamp":"2026-01-01T12:00:00.000Z","level":"WARN","message":"careful","queueName":"emails"}\n',
  );
});

test("a person reads who said what, with the stack of an error, and control characters escaped", () => {
  const out = collecting();
  const log = readableLog(out, false, noon);
  const error = { name: "Error", message: "no", stack: "Error: no\n    at queues/emails.ts:3:9" };
  log.output("emails", `${JSON.stringify({ level: "ERROR", message: "\u001b[31mred", error })}\nplain\n`);
  const lines = out
    .text()
    .split("\n")
    .map((line) => line.replace(/^\d\d:\d\d:\d\d /, ""));
  expect(lines.slice(0, 4)).toEqual([
    expect.stringMatching(/^emails .*red$/),
    "emails Error: no",
    "emails     at queues/emails.ts:3:9",
    "emails plain",
  ]);
  expect(out.text()).not.toContain("\u001b");
});
