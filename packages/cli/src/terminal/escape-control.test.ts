import { expect, it } from "vitest";
import { escapeControl } from "./escape-control.js";

it.each([
  ["a colour", "\u001b[31mred", "\\x1b[31mred"],
  ["a bell and a backspace", "a\u0007b\u0008", "a\\x07b\\x08"],
  ["a carriage return, which overwrites the line", "done\rfake", "done\\x0dfake"],
  ["a C1 control", "\u009b31m", "\\x9b31m"],
  ["a right-to-left override", "a\u202eb", "a\\u202eb"],
])("escapes %s", (_, text, escaped) => {
  expect(escapeControl(text)).toBe(escaped);
});

it("leaves tabs, line feeds and letters of any language alone", () => {
  const text = "one\ttwo\nдва 三 🎉";
  expect(escapeControl(text)).toBe(text);
});
