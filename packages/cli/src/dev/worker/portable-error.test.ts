import { expect, it } from "vitest";
import { toPortableError } from "./portable-error.js";

it("carries what an error says, its code, what mends it, and its causes", () => {
  const cause = new TypeError("the cause");
  const error = Object.assign(new Error("what happened", { cause }), { code: "QR_X", fix: "Do this." });
  expect(toPortableError(error)).toMatchObject({
    name: "Error",
    message: "what happened",
    stack: expect.stringContaining("portable-error.test"),
    code: "QR_X",
    fix: "Do this.",
    cause: { name: "TypeError", message: "the cause", cause: null },
  });
});

it.each([
  ["a string", "text", "text"],
  ["undefined", undefined, "undefined"],
  ["a plain object", { a: 1 }, '{"a":1}'],
  [
    "an object whose members throw",
    {
      get message() {
        throw new Error();
      },
    },
    expect.any(String),
  ],
])("puts %s into words", (_, thrown, message) => {
  expect(toPortableError(thrown)).toMatchObject({ name: "Error", message, cause: null });
});

it("tells each error of a chain that loops once", () => {
  const error = new Error("outer");
  const cause = new Error("inner", { cause: error });
  error.cause = cause;
  expect(toPortableError(error).cause).toMatchObject({ message: "inner", cause: null });
  cause.cause = cause;
  expect(toPortableError(error).cause).toMatchObject({ message: "inner", cause: null });
});
