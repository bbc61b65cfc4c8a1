import { describe, expect, test } from "vitest";
import { displayRoutePath, parseRoutePath, routeShape } from "./route-path.js";

function parsed(path: string) {
  const result = parseRoutePath(path);
  if (!result.ok) throw new Error(result.problem.message);
  return result.route;
}

describe("parseRoutePath", () => {
  test.each([
    ["/", []],
    ["/orders", []],
    ["/feed.xml", []],
    ["/orders/[id]", ["id"]],
    ["/orders.[format]", ["format"]],
    ["/[from]-[to]/x", ["from", "to"]],
    ["/reports/[...rest]", ["rest"]],
  ])("%s has the parameters %j", (path, parameters) => {
    expect(parsed(path).parameters).toEqual(parameters);
  });

  test.each([
    ["/a//b", "empty segment"],
    ["/[...rest]/edit", "last segment"],
    ["/x-[...rest]", "whole segment"],
    ["/[a]/[a]", "twice"],
    ["/[a][b]", "side by side"],
    ["/[]", "parameter's name"],
    ["/[...]", "parameter's name"],
    ["/[1]", "parameter's name"],
    ["/[a", "not closed"],
    ["/a]", "not closed"],
    ["/../x", "no client"],
  ])("%s is refused: %s", (path, message) => {
    const result = parseRoutePath(path);
    expect(result).toMatchObject({ ok: false, problem: { message: expect.stringContaining(message) } });
  });
});

test("routes that differ in their parameters' names alone have one shape", () => {
  expect(routeShape(parsed("/orders/[id]"))).toBe(routeShape(parsed("/orders/[order]")));
  expect(routeShape(parsed("/[...a]"))).toBe(routeShape(parsed("/[...b]")));
  expect(routeShape(parsed("/orders/[id]"))).not.toBe(routeShape(parsed("/orders/[...id]")));
  expect(routeShape(parsed("/orders/[id].[format]"))).not.toBe(routeShape(parsed("/orders/[id]")));
});

test("paths are displayed as people write them", () => {
  expect(displayRoutePath("/orders/[id].[format]")).toBe("/orders/:id.:format");
  expect(displayRoutePath("/reports/[...rest]")).toBe("/reports/:rest*");
});
