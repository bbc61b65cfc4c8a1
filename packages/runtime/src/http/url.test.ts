import { afterEach, describe, expect, test } from "vitest";
import { configureInstance } from "../config/instance.js";
import { bindUrl, url } from "./url.js";

afterEach(() => configureInstance(null));

describe("url", () => {
  test("puts values into their places, encoded", () => {
    expect(url("/items/[id]", { id: "a/b ü" })).toBe("/items/a%2Fb%20%C3%BC");
    expect(url("/items/[id].[format]", { id: 7, format: "json" })).toBe("/items/7.json");
    expect(url("/files/[name].[format]", { name: ".", format: "." })).toBe("/files/...");
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
    ["/items/[id].", { id: "." }],
    ["/items/[...rest]", { rest: ["a", ".."] }],
    ["/items/[...rest]", { rest: [] }],
    ["/items/[toString]", {}],
  ])("%s with %j is refused", (path, params) => {
    expect(() => url(path as string, params)).toThrow(expect.objectContaining({ code: "QR_URL_PARAMETER" }));
  });
});
