import { expect, test } from "vitest";
import { parameterValue } from "./write-variables.js";

test("a parameter's value holds variables as they are, and nothing that Parameter Store takes for a reference", () => {
  const variables = {
    TEMPLATE: "Dear {{name}}, {{{raw}}}",
    ESCAPED: "\\{{x}}",
    NESTED: '{"a":{"b":{}}}',
    LINES: "a\nb=c\n",
    UNICODE: "grüße 🎉",
    EMPTY: "",
  };
  const value = parameterValue(variables);
  expect(JSON.parse(value)).toEqual(variables);
  expect(value).not.toContain("{{");
});
