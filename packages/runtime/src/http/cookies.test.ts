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

test.each([
  "__host-session=x",
  "__HOST-session=x",
  "%5F%5FHost-session=x",
  "__%48ost-session=x",
  "\u00a0__Host-session=x",
  "\u2000__Host-session=x",
  "\ufeff__Host-session=x",
  "\u0085__Host-session=x",
  "\u000b__Host-session=x",
  "=__Host-session=x",
  "==__Host-session=x",
  "$Version=1,__Host-session=x",
  'a="; __Host-session2=x',
  "a=b,__Host-session=x",
  "__Host-session",
])("%j, which browsers let other sites set, is not the cookie that they guard by its prefix", (pair) => {
  expect(parseCookies([pair])["__Host-session"]).toBeUndefined();
});
