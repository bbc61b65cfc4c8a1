import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { configureInstance } from "../config/instance.js";
import { defaultRouteSettings } from "../config/route-config.js";
import { parseQuery } from "./query.js";
import { canonicalPath, createRouteTable, decodeParameters } from "./router.js";
import { bindUrl, url } from "./url.js";

afterEach(() => configureInstance(null));

describe("url", () => {
  test("puts values into their places, encoded", () => {
    expect(url("/items/[id]", { id: "a/b ü" })).toBe("/items/a%2Fb%20%C3%BC");
    expect(url("/items/[id].[format]", { id: 7, format: "json" })).toBe("/items/7.json");
    expect(url("/reports/[...rest]", { rest: [2026, "a/b"] })).toBe("/reports/2026/a%2Fb");
    expect(url("/")).toBe("/");
  });

  test("appends the query: arrays repeat, null and undefined are left out", () => {
    expect(url("/a", null, { q: "x y", tag: ["1", "2"], none: null, no: undefined, yes: true })).toBe(
      "/a?q=x+y&tag=1&tag=2&yes=true",
    );
  });

  test("is absolute where the project's address is known", () => {
    configureInstance({
      project: "p",
      stage: "dev",
      queues: {},
      sqs: { region: "us-east-1", queueUrlPrefix: "" },
      baseUrl: "http://localhost:8000",
      readableLogs: true,
    });
    expect(url("/items/[id]", { id: 1 })).toBe("http://localhost:8000/items/1");
  });

  test("makes functions for one path, and for the file's own", () => {
    const bound = bindUrl("/items/[id]");
    expect(bound.for("/x/[y]")({ y: 1 })).toBe("/x/1");
    expect(bound.self<{ id: string }, { page?: number }>()({ id: "1" }, { page: 2 })).toBe("/items/1?page=2");
    expect(() => url.self()).toThrow(expect.objectContaining({ code: "QR_NOT_A_ROUTE" }));
  });

  test.each([
    ["/items/[id]", {}],
    ["/items/[id]", { id: "" }],
    ["/items/[id]", { id: ".." }],
    ["/items/[id]", { id: ["a"] }],
    ["/items/[...rest]", { rest: [] }],
    ["/items/[toString]", {}],
  ])("%s with %j is refused", (path, params) => {
    expect(() => url(path as string, params)).toThrow(expect.objectContaining({ code: "QR_URL_PARAMETER" }));
  });
});

test("what a URL was made from is what the router finds in it", () => {
  const text = fc.constantFrom("a", "b", "ü", "x.y", "(z)", "st*r");
  const value = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 8 })
    .filter((each) => !/\p{Surrogate}/u.test(each) && each !== "." && each !== "..");
  const segment = fc.oneof(
    text.map((each) => ({ path: each, values: [] as string[] })),
    value.map((each) => ({ path: "[]", values: [each] })),
    fc
      .tuple(value, value)
      .filter(([first, second]) => !`${first}${second}`.includes("-"))
      .map((values) => ({ path: "[]-[]", values })),
  );
  const rest = fc.option(fc.array(value, { minLength: 1, maxLength: 3 }), { nil: null });
  const others = ["/a", "/a/b", "/ü/[p]", "/[p]/a", "/x.y/[...r]"];
  fc.assert(
    fc.property(
      fc.array(segment, { maxLength: 3 }),
      rest,
      fc.dictionary(fc.string(), value),
      (parts, tail, query) => {
        const params: Record<string, string | string[]> = {};
        let count = 0;
        const named = parts.map((part) => {
          let used = 0;
          return part.path.replaceAll("[]", () => {
            params[`p${count}`] = part.values[used++] ?? "";
            return `[p${count++}]`;
          });
        });
        if (tail) {
          named.push("[...tail]");
          params.tail = tail;
        }
        const path = `/${named.join("/")}`;
        const made = url(path, params, query);
        const [pathname = "", search = ""] = made.split("?");
        const table = createRouteTable(
          [path, ...others.filter((other) => other !== path)].map((each) => ({
            path: each,
            file: each,
            exports: [],
            settings: defaultRouteSettings(),
            middleware: [],
          })),
        );
        const found = table.findAll(canonicalPath(pathname) ?? "").find((match) => match.route.path === path);
        expect(found && { ...decodeParameters(found) }).toEqual(params);
        expect({ ...parseQuery(search) }).toEqual({ ...query });
      },
    ),
    { numRuns: 1_500 },
  );
});
