import fc from "fast-check";
import { expect, test } from "vitest";
import { etagOf, matchesEtag, quoteEtag } from "./etag.js";

test("equal bodies have equal validators, and a changed one another", () => {
  expect(etagOf("hello")).toBe(etagOf("hello"));
  expect(etagOf("hello")).toMatch(/^W\/"[a-z0-9-]+"$/);
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      fc.pre(a !== b);
      expect(etagOf(a)).not.toBe(etagOf(b));
    }),
  );
});

test("no two of many similar bodies share a validator", () => {
  const tags = new Set(Array.from({ length: 50_000 }, (_, count) => etagOf(JSON.stringify({ count }))));
  expect(tags.size).toBe(50_000);
  const bytes = new Set(
    Array.from({ length: 10_000 }, (_, n) => etagOf(new Uint8Array([n & 255, n >> 8, 7]))),
  );
  expect(bytes.size).toBe(10_000);
});

test.each([
  ['W/"a"', 'W/"a"', true],
  ['"a"', 'W/"a"', true],
  ['"x", W/"a"', '"a"', true],
  ["*", '"a"', true],
  ['"b"', '"a"', false],
  ["a", '"a"', false],
  ['"a,b"', '"a,b"', true],
  ['"a', '"a"', false],
  ["", '"a"', false],
])("If-None-Match: %s against %s is %s", (header, etag, expected) => {
  expect(matchesEtag(header, etag)).toBe(expected);
});

test("a validator without quotes gets them", () => {
  expect([quoteEtag("v1"), quoteEtag('"v1"'), quoteEtag('W/"v1"')]).toEqual(['"v1"', '"v1"', 'W/"v1"']);
});
