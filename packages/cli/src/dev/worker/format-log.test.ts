import { expect, it } from "vitest";
import { formatLog } from "./format-log.js";

const ESCAPE = "\u001b";

it("formats as the console does", () => {
  expect(formatLog(["%s has %d", "queue", 3, { a: [1] }], false)).toBe("queue has 3 { a: [ 1 ] }");
});

it.each([
  ["a text", `${ESCAPE}[31mred`],
  ["a text within an object", { text: `${ESCAPE}[31mred` }],
  ["an error's message", new Error(`${ESCAPE}[31mred`)],
])("escapes control characters of %s", (_, value) => {
  const text = formatLog([value], false);
  expect(text).not.toContain(ESCAPE);
  expect(text.toLowerCase()).toContain("\\x1b[31mred");
});

it("colours values, and escapes what they hold, on a terminal", () => {
  const text = formatLog([{ n: 1 }, `${ESCAPE}[2J`], true);
  expect(text).toContain(`${ESCAPE}[33m1`);
  expect(text).not.toContain(`${ESCAPE}[2J`);
});
