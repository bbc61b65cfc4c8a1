import fc from "fast-check";
import { expect, test } from "vitest";
import { parseQuery } from "./query.js";

test("repeated names are arrays, in order", () => {
  expect({ ...parseQuery("a=1&b=x+y&a=2&c&a=%C3%BC&=none") }).toEqual({
    a: ["1", "2", "ü"],
    b: "x y",
    c: "",
    "": "none",
  });
});

test("names that objects inherit are names like any other", () => {
  const query = parseQuery("__proto__=1&constructor=2&toString=3&hasOwnProperty=4");
  expect(Object.getPrototypeOf(query)).toBeNull();
  expect(Object.keys(query)).toEqual(["__proto__", "constructor", "toString", "hasOwnProperty"]);
});

test("malformed escapes stay as they are", () => {
  expect({ ...parseQuery("a=%&b=%zz&c=%ff") }).toEqual({ a: "%", b: "%zz", c: "\ufffd" });
});

test("any text is read as URLSearchParams reads it", () => {
  const text = fc.string({
    unit: fc.constantFrom(..."aab===&&&.?+%2Fü[];#\0"),
  });
  fc.assert(
    fc.property(text, (raw) => {
      const expected = new Map<string, string | string[]>();
      const search = new URLSearchParams(raw);
      for (const name of search.keys()) {
        const all = search.getAll(name);
        expected.set(name, all.length > 1 ? all : (all[0] ?? ""));
      }
      // A leading "?" is the client's own here: the event's query has had its question mark taken away.
      expect(new Map(Object.entries(parseQuery(raw)))).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
});
