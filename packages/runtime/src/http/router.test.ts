import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultRouteSettings } from "../config/route-config.js";
import type { HttpRoute } from "../lambda/functions.js";
import { canonicalPath, createRouteTable, decodeParameters, mountedPrefix } from "./router.js";
import { modelFind, shapeOf } from "./testing/route-model.js";

function routeOf(path: string, exports = ["get"]): HttpRoute {
  return { path, file: `api${path}.ts`, exports, settings: defaultRouteSettings(), middleware: [] };
}

/** The route that answers a path and its parameters, or null. */
function find(paths: string[], path: string): { route: string; params: object } | null {
  const canonical = canonicalPath(path);
  if (canonical === null) throw new Error("malformed");
  const match = createRouteTable(paths.map((each) => routeOf(each))).find(canonical);
  return match && { route: match.route.path, params: { ...decodeParameters(match) } };
}

describe("createRouteTable", () => {
  const project = ["/", "/orders/[id]", "/orders/new", "/orders.[format]", "/reports/[...rest]", "/feed.xml"];

  test.each([
    ["/", "/", {}],
    ["/orders/17", "/orders/[id]", { id: "17" }],
    ["/orders/17/", "/orders/[id]", { id: "17" }],
    ["/orders/new", "/orders/new", {}],
    ["/orders/new/", "/orders/new", {}],
    ["/orders.json", "/orders.[format]", { format: "json" }],
    ["/reports/a", "/reports/[...rest]", { rest: ["a"] }],
    ["/reports/a/b%2Fc/d", "/reports/[...rest]", { rest: ["a", "b/c", "d"] }],
    ["/feed.xml", "/feed.xml", {}],
    ["/orders/caf%c3%a9%20%25", "/orders/[id]", { id: "café %" }],
    ["/orders/a%2Fb", "/orders/[id]", { id: "a/b" }],
    ["/orders/%2E%2E", "/orders/[id]", { id: ".." }],
    ["/%6Frders/new", "/orders/new", {}],
  ])("%s is answered by %s", (path, route, params) => {
    expect(find(project, path)).toEqual({ route, params });
  });

  test.each([
    "/orders",
    "/orders.",
    "/reports",
    "/reports/",
    "/feedxxml",
    "/Orders/new",
    "/orders/1/2",
    "//orders/1",
  ])("%s is answered by none", (path) => {
    expect(find(project, path)).toBeNull();
  });

  test("a path that leads nowhere with a static segment is tried with a parameter", () => {
    expect(find(["/a/b/d", "/a/[x]/c"], "/a/b/c")?.route).toBe("/a/[x]/c");
  });

  test("a parameter with text around it beats one without", () => {
    expect(find(["/[a]", "/v[a]", "/[a].json"], "/v1")?.route).toBe("/v[a]");
    expect(find(["/[a]", "/v[a]", "/[a].json"], "/x.json")?.route).toBe("/[a].json");
  });

  test("text that means something to the router is text in a file's name", () => {
    const odd = [
      "/a(b)",
      "/star*",
      "/x:y",
      "/{z}",
      "/q?",
      "/@me",
      "/ü",
      "/v1+v2",
      "/[from]to[till]",
      "/[a]1",
    ];
    expect(find(odd, "/a(b)")?.route).toBe("/a(b)");
    expect(find(odd, "/star*")?.route).toBe("/star*");
    expect(find(odd, "/starry")).toBeNull();
    expect(find(odd, "/x:y")?.route).toBe("/x:y");
    expect(find(odd, "/%7Bz%7D")?.route).toBe("/{z}");
    expect(find(odd, "/q%3F")?.route).toBe("/q?");
    expect(find(odd, "/@me")?.route).toBe("/@me");
    expect(find(odd, "/%C3%BC")?.route).toBe("/ü");
    expect(find(odd, "/v1+v2")?.route).toBe("/v1+v2");
    expect(find(odd, "/1to2")).toEqual({ route: "/[from]to[till]", params: { from: "1", till: "2" } });
    expect(find(odd, "/x1")).toEqual({ route: "/[a]1", params: { a: "x" } });
  });

  test("an escape in a file's name is text", () => {
    expect(find(["/a%20b", "/[x]"], "/a%2520b")?.route).toBe("/a%20b");
    expect(find(["/a%20b", "/[x]"], "/a%20b")?.route).toBe("/[x]");
    expect(find(["/café", "/[x]"], "/caf%c3%a9")?.route).toBe("/café");
  });

  test("parameters may be called what objects inherit", () => {
    const match = createRouteTable([routeOf("/[__proto__]/[constructor]")]).find("/a/b");
    const params = match && decodeParameters(match);
    expect(Object.getPrototypeOf(params)).toBeNull();
    expect(Object.entries(params ?? {})).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
  });

  test("what is beneath a default export comes after every route of its own", () => {
    const table = createRouteTable([routeOf("/app", ["default"]), routeOf("/[...all]"), routeOf("/app/x")]);
    expect(table.find("/app")).toMatchObject({ route: { path: "/app" }, beneath: false });
    expect(table.find("/app/x")).toMatchObject({ route: { path: "/app/x" }, beneath: false });
    expect(table.find("/app/y/z")).toMatchObject({ route: { path: "/app" }, beneath: true });
    expect(table.findAll("/app/y/z").map(({ route }) => route.path)).toEqual(["/app", "/[...all]"]);
  });
});

test.each([
  ["/shop", "/shop/items/1", "/shop"],
  ["/shop/[...rest]", "/shop/items/1", "/shop"],
  ["/[tenant]/shop", "/acme/shop/items", "/acme/shop"],
  ["/", "/items", ""],
  ["/[...all]", "/items", ""],
])("an app at %s that is asked for %s is mounted at %j", (route, path, prefix) => {
  const match = createRouteTable([routeOf(route, ["default"])]).find(path);
  expect(match && mountedPrefix(match, path)).toBe(prefix);
});

test("malformed escapes have no canonical path", () => {
  for (const path of ["/%", "/%z0", "/%C3", "/a/%ff", "/%ED%A0%80"]) expect(canonicalPath(path)).toBeNull();
});

test("any table finds what the rule says", () => {
  const text = fc.constantFrom("a", "b", "c");
  const middle = fc.oneof(text, fc.constant("[p]"), fc.constant("a.[p]"));
  const path = fc
    .tuple(fc.array(middle, { maxLength: 3 }), fc.boolean())
    .map(([segments, hasRest]) => [...segments, ...(hasRest ? ["[...r]"] : [])])
    .map((segments) => `/${segments.map((segment, index) => segment.replace("p]", `p${index}]`)).join("/")}`);
  const asked = fc
    .array(fc.oneof(text, fc.constantFrom("a.b", "d", "a.")), { minLength: 1, maxLength: 4 })
    .map((segments) => `/${segments.join("/")}`);
  fc.assert(
    fc.property(
      fc.uniqueArray(path, { selector: (each) => shapeOf(each), maxLength: 8 }),
      asked,
      (paths, one) => {
        expect(modelFind(paths, one)).toContain(find(paths, one)?.route ?? null);
      },
    ),
    { numRuns: 3_000 },
  );
});
