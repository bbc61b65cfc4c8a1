import { inspect } from "node:util";
import { expect, test } from "vitest";
import type { HttpContext } from "../http/http-context.js";
import { ask } from "../http/testing/requests.js";
import { hideSecrets } from "./hide-secrets.js";
import { toLoggable } from "./redact.js";

const NAMES = [
  "Authorization",
  "cookie",
  "SET-COOKIE",
  "x-api-key",
  "Proxy-Authorization",
  "x-amz-security-token",
];

/** Values with a secret in them, and what makes each of them hard to see. */
const WITH_SECRETS: [string, unknown][] = [
  ...NAMES.map((name): [string, unknown] => [name, { request: { headers: { [name]: "s3cret" } } }]),
  ["a Map", { headers: new Map([["cookie", "s3cret"]]) }],
  ["the Fetch API's Headers", new Headers({ authorization: "Bearer s3cret" })],
  ["a list of pairs", [["Authorization", "s3cret"]]],
  ["Node's rawHeaders", ["Accept", "*/*", "Authorization", "s3cret"]],
  ["an event of a function URL", { cookies: ["sid=s3cret"], headers: {} }],
  ["an object of cookies", { cookies: { sid: "s3cret" } }],
  ["an error's own member", Object.assign(new Error("no"), { details: { headers: { cookie: "s3cret" } } })],
  [
    "a class",
    new (class Request {
      headers = { authorization: "s3cret" };
    })(),
  ],
];

test.each(WITH_SECRETS)("a secret is hidden: %s", (_, value) => {
  expect(JSON.stringify(toLoggable(value))).not.toContain("s3cret");
});

test.each(WITH_SECRETS)("a secret is hidden from people too: %s", (_, value) => {
  const shown = hideSecrets(value) as object;
  expect(JSON.stringify(toLoggable(shown))).not.toContain("s3cret");
  if (!(value instanceof Headers)) expect(shown.constructor).toBe((value as object).constructor);
});

test("a request is logged as handlers know it, without its credentials and cookies", async () => {
  const lines: string[] = [];
  const show = (request: HttpContext) => {
    expect(request.cookies.sid).toBe("s3cret");
    expect(request.headers.authorization).toContain("s3cret");
    expect(request.username).toBeUndefined();
    lines.push(JSON.stringify(toLoggable({ request })), inspect(hideSecrets(request)));
    return null;
  };
  const headers = { authorization: "Bearer s3cret", accept: "text/html" };
  await ask({ "/items/[id]": { get: show } }, { path: "/items/5", headers, cookies: ["sid=s3cret"] });
  for (const line of lines) {
    expect(line).not.toContain("s3cret");
    expect(line).toMatch(/text\/html/);
    expect(line).toMatch(/id\W+5/);
  }
  expect(lines).toHaveLength(2);
});

test("what holds no secret is shown as it is, the very same", () => {
  const value = { list: [1, { a: new Date() }], map: new Map([["k", 1]]), cookies: 3, password: null };
  expect(hideSecrets(value)).toBe(value);
  const copy = { headers: { cookie: "c" }, other: value };
  expect(hideSecrets(copy)).toEqual({ headers: { cookie: "[redacted]" }, other: value });
  expect(copy.headers.cookie).toBe("c");
});

test("what JSON cannot carry is put into words", () => {
  class Money {
    toJSON() {
      return "5 EUR";
    }
  }
  expect(
    toLoggable({
      big: 10n,
      nan: Number.NaN,
      fn: function work() {},
      symbol: Symbol("s"),
      when: new Date(Number.NaN),
      set: new Set([1]),
      pattern: /a/g,
      url: new URL("http://x/"),
      money: new Money(),
      nothing: null,
    }),
  ).toEqual({
    big: "10n",
    nan: "NaN",
    fn: "[function work]",
    symbol: "Symbol(s)",
    when: "Invalid Date",
    set: [1],
    pattern: "/a/g",
    url: "http://x/",
    money: "5 EUR",
    nothing: null,
  });
});

test("errors keep what they say wherever they are: causes, and all of an AggregateError", () => {
  const error = new AggregateError([new TypeError("one"), "two"], "both", { cause: new Error("why") });
  expect(toLoggable({ error })).toMatchObject({
    error: {
      name: "AggregateError",
      message: "both",
      stack: expect.stringContaining("redact.test.ts"),
      cause: { message: "why" },
      errors: [{ name: "TypeError", message: "one" }, { message: "two" }],
    },
  });
  const loop = new Error("loop");
  loop.cause = loop;
  expect(JSON.stringify(toLoggable([loop])).length).toBeLessThan(20_000);
});

test("getters, proxies and toJSON that throw cost no more than their own place", () => {
  const throwing = () => {
    throw new Error("no");
  };
  const hostile = new Proxy(
    {},
    { get: throwing, ownKeys: throwing, getPrototypeOf: throwing, has: throwing },
  );
  const value = {
    get broken() {
      return throwing();
    },
    hostile,
    json: { toJSON: throwing },
    fine: 1,
  };
  expect(toLoggable(value)).toEqual({
    broken: "[cannot be read]",
    hostile: "[cannot be read]",
    json: "[cannot be read]",
    fine: 1,
  });
  expect(() => hideSecrets([value])).not.toThrow();
});

test("what is circular, deep, long or huge is cut", () => {
  const circular: Record<string, unknown> = {};
  circular.self = [circular];
  expect(toLoggable(circular)).toEqual({ self: ["[circular]"] });
  const shared = { a: 1 };
  expect(toLoggable([shared, shared])).toEqual([shared, shared]);

  let deep: unknown = "bottom";
  for (let level = 0; level < 1_000; level++) deep = { deep };
  expect(JSON.stringify(toLoggable(deep)).length).toBeLessThan(200);

  const huge = { text: "x".repeat(2_000_000), list: Array.from({ length: 5_000 }, (_, n) => n) };
  const copy = toLoggable(huge) as { text: string; list: unknown[] };
  expect(copy.text).toMatch(/^x{100000}… 1900000 more characters$/);
  expect(JSON.stringify(copy).length).toBeLessThan(200_000);
  const wide = Array.from({ length: 5_000 }, (_, n) => n);
  expect((toLoggable(wide) as unknown[]).at(-1)).toBe("… 4000 more");
});
