import { expect, it } from "vitest";
import { hasInvalidCharacters } from "./message-characters.js";

/** AWS's rule, as its reference writes it. */
function isAllowed(codePoint: number): boolean {
  return (
    codePoint === 0x9 ||
    codePoint === 0xa ||
    codePoint === 0xd ||
    (codePoint >= 0x20 && codePoint <= 0xd7ff) ||
    (codePoint >= 0xe000 && codePoint <= 0xfffd) ||
    (codePoint >= 0x10000 && codePoint <= 0x10ffff)
  );
}

it("agrees with AWS's rule on every code point", () => {
  for (let codePoint = 0; codePoint <= 0x10ffff; codePoint++) {
    if (hasInvalidCharacters(`a${String.fromCodePoint(codePoint)}b`) === isAllowed(codePoint)) {
      expect.fail(`U+${codePoint.toString(16)}`);
    }
  }
});

it("looks beyond the first suspicious character", () => {
  expect(hasInvalidCharacters("🐎\u0001")).toBe(true);
  expect(hasInvalidCharacters("🐎🐎")).toBe(false);
  expect(hasInvalidCharacters("\udc0e\ud83d")).toBe(true);
});
