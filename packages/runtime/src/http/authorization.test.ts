import { describe, expect, test } from "vitest";
import { parseAuthorization } from "./authorization.js";

const base64 = (text: string | Buffer) => Buffer.from(text).toString("base64");
const none = { bearerToken: undefined, username: undefined, password: undefined };

describe("Bearer", () => {
  test.each([
    ["Bearer abc", "abc"],
    ["bearer abc", "abc"],
    ["BEARER   abc  ", "abc"],
    ["Bearer a.b-c_d~e+f/g==", "a.b-c_d~e+f/g=="],
    ["Bearer key:with:colons", "key:with:colons"],
    ["Bearer undefined", "undefined"],
  ])("%j has a token", (header, bearerToken) => {
    expect(parseAuthorization(header)).toEqual({ ...none, bearerToken });
  });
});

describe("Basic", () => {
  test.each([
    ["ada:secret", "ada", "secret"],
    ["ada:pass:word:", "ada", "pass:word:"],
    ["ada:", "ada", ""],
    [":key", "", "key"],
    [":", "", ""],
    ["Ädä:пароль 🔑", "Ädä", "пароль 🔑"],
    ["__proto__:constructor", "__proto__", "constructor"],
    [" ada : x ", " ada ", " x "],
  ])("%j has a name and a password", (pair, username, password) => {
    expect(parseAuthorization(`Basic ${base64(pair)}`)).toEqual({ ...none, username, password });
    expect(parseAuthorization(`bAsIc  ${base64(pair).replaceAll("=", "")}`)).toMatchObject({
      username,
      password,
    });
  });

  test.each([
    ["nothing", "Basic "],
    ["no base64", "Basic !!!"],
    ["characters that a decoder passes over", `Basic ${base64("ada:x").replace("=", "")}!`],
    ["a line break in the middle", `Basic ${base64("ada:secret").replace(/^..../, "$&\n")}`],
    ["base64url", `Basic ${base64("a:\u00ff\u00ff\u00fe").replaceAll("+", "-").replaceAll("/", "_")}_-`],
    ["the pair as it is", "Basic ada:secret"],
    ["no colon", `Basic ${base64("ada")}`],
    ["bytes that are not UTF-8", `Basic ${base64(Buffer.from([0x61, 0x3a, 0xff, 0xfe]))}`],
    ["a NUL", `Basic ${base64("admin\0x:secret")}`],
    ["a line break", `Basic ${base64("ada:sec\r\nret")}`],
    ["two words", `Basic ${base64("ada:x")} ${base64("eve:x")}`],
  ])("with %s is none", (_, header) => {
    expect(parseAuthorization(header)).toEqual(none);
  });
});

test.each([
  undefined,
  "",
  " ",
  "Bearer",
  "Bearer ",
  "Bearerabc",
  "Bearer\tabc",
  "Bearer a b",
  " Bearer a",
  "Bearer a,b",
  "Bearer a,Bearer b",
  "Basic YTpi,Basic Yzpk",
  "Bearer a, Basic YTpi",
  "Digest username=ada",
  "Token abc",
  "abc",
  "Bеarer abc",
  "Bearer\u00a0abc",
  "constructor x",
])("%j is no credentials", (header) => {
  expect(parseAuthorization(header)).toEqual(none);
});
