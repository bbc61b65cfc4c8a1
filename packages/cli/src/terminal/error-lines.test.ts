import { createColors } from "picocolors";
import { expect, it } from "vitest";
import type { PortableError } from "../dev/worker/protocol.js";
import { errorLines } from "./error-lines.js";

const colors = createColors(false);
const error = (message: string, more: Partial<PortableError> = {}): PortableError => ({
  name: "Error",
  message,
  stack: null,
  code: null,
  fix: null,
  cause: null,
  ...more,
});

it("cuts what is longer than anybody reads, and says how much there was", () => {
  const whole = "x".repeat(4_000);
  expect(errorLines(error(whole), "/app", colors)).toEqual([`Error: ${whole}`]);
  expect(errorLines(error(`${whole}yyy`), "/app", colors)).toEqual([`Error: ${whole}… (3 characters more)`]);
});

it("says what mends it, and what caused it", () => {
  const lines = errorLines(error("outer", { fix: "Do this.", cause: error("inner") }), "/app", colors);
  expect(lines).toEqual(["Error: outer", "  Do this.", "  caused by Error: inner"]);
});
