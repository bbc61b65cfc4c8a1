import { expect, test } from "vitest";
import { answerTo } from "#lib/answer-to.js";

test.each([
  ["Hello, I am ada", "Welcome, ada!"],
  ["What is 2 + 3?", "2 + 3 = 5"],
  ["Who are you?", "I can only add numbers: 2 + 3"],
  ["Fine", "I see."],
])("“%s”: “%s”", (question, answer) => {
  expect(answerTo(question)).toBe(answer);
});
