import { expect, test } from "vitest";
import { parseCookies } from "./cookies.js";

test("values are decoded, the first of a name wins, and nothing is inherited", () => {
  const cookies = parseCookies(["a=1", "b=x%20%C3%BC", "a=2", "__proto__=p", "e=", "bad=%zz"]);
  expect(Object.getPrototypeOf(cookies)).toBeNull();
  expect(Object.entries(cookies)).toEqual([
    ["a", "1"],
    ["b", "x ü"],
    ["__proto__", "p"],
    ["e", ""],
    ["bad", "%zz"],
  ]);
});

test("several in one header, and none", () => {
  expect({ ...parseCookies(["a=1; b=2"]) }).toEqual({ a: "1", b: "2" });
  expect({ ...parseCookies(undefined) }).toEqual({});
  expect({ ...parseCookies(["", ";", "novalue"]) }).toEqual({});
});
