import { addRoute, createRouter, findAllRoutes, findRoute } from "rou3";
import { invalidRoutePath } from "../errors/http-errors.js";
import type { HttpRoute } from "../lambda/functions.js";
import { parseRoutePath, type RoutePath, type RouteSegment } from "./route-path.js";

/** Decoded values by name; a catch-all's is an array. Without a prototype. */
export type PathParameters = Record<string, string | string[]>;

/** A route that answers a path. */
export type RouteMatch = {
  route: HttpRoute;
  /** Still encoded: see `decodeParameters`. By the position of the parameter in the route's path. */
  captured: Record<string, string>;
  /** Beneath a default export's own path: it answers only if that export is an app with a `fetch` method. */
  beneath: boolean;
};

/** Finds the route for a path. */
export type RouteTable = {
  /** @returns the best match, or null */
  find(path: string): RouteMatch | null;
  /** @returns every match, the best first; slower */
  findAll(path: string): RouteMatch[];
};

type RouteEntry = { route: HttpRoute; beneath: boolean };
type Router = ReturnType<typeof createRouter<RouteEntry>>;

/** Characters that `encodeURIComponent` leaves alone, and the slash: such a path is already in canonical form. */
const CANONICAL = /^[A-Za-z0-9\-_.!~*'()/]*$/;
const PARSED = new WeakMap<HttpRoute, RoutePath>();

/**
 * Makes the table of a project's routes. A static segment beats a parameter, which beats a catch-all; a trailing slash
 * makes no difference.
 *
 * Adding a route to the router costs a cold start more than anything else here, so only those are added that can
 * answer what is asked: there is a router for each first segment, made when it is first asked for. A path that is a
 * route's own text needs none: nothing beats it.
 *
 * @returns the table; its functions throw QueueRunError `QR_INVALID_ROUTE`
 */
export function createRouteTable(routes: HttpRoute[]): RouteTable {
  const routesOfSegment = new Map<string, HttpRoute[]>();
  const everywhere: HttpRoute[] = [];
  const exact = new Map<string, HttpRoute>();
  for (const route of routes) {
    if (!route.path.includes("[")) exact.set(route.path.split("/").map(encodeURIComponent).join("/"), route);
    const segment = firstStaticSegment(route.path);
    const group = segment === null ? everywhere : (routesOfSegment.get(segment) ?? []);
    group.push(route);
    if (segment !== null) routesOfSegment.set(segment, group);
  }
  const routers = new Map<string | null, Router>();
  const routerOf = (path: string): Router => {
    const asked = path.slice(1, endOfSegment(path));
    const segment = routesOfSegment.has(asked) ? asked : null;
    const known = routers.get(segment);
    if (known) return known;
    const router = createRouter<RouteEntry>();
    for (const route of everywhere) addToRouter(router, route);
    for (const route of (segment !== null && routesOfSegment.get(segment)) || []) addToRouter(router, route);
    routers.set(segment, router);
    return router;
  };
  return {
    find(path) {
      const route = exact.get(path);
      if (route && parsed(route)) return { route, captured: {}, beneath: false };
      const found = findRoute(routerOf(path), "", path);
      return found ? toMatch(found) : null;
    },
    findAll: (path) => findAllRoutes(routerOf(path), "", path).map(toMatch).reverse(),
  };
}

/** @returns the first segment as it is asked for; null when it is not static, or when an app may answer every path */
function firstStaticSegment(path: string): string | null {
  const segment = path.slice(1, endOfSegment(path));
  return segment === "" || segment.includes("[") ? null : encodeURIComponent(segment);
}

function endOfSegment(path: string): number {
  const end = path.indexOf("/", 1);
  return end < 0 ? path.length : end;
}

function addToRouter(router: Router, route: HttpRoute): void {
  const pattern = toPattern(parsed(route).segments);
  addRoute(router, "", pattern, { route, beneath: false });
  if (!canBeMounted(route)) return;
  addRoute(router, "", pattern === "/" ? "/**" : `${pattern}/**`, { route, beneath: true });
}

function toMatch({ data, params = {} }: { data: RouteEntry; params?: Record<string, string> }): RouteMatch {
  return { route: data.route, beneath: data.beneath, captured: params };
}

function parsed(route: HttpRoute): RoutePath {
  const known = PARSED.get(route);
  if (known) return known;
  const result = parseRoutePath(route.path);
  if (!result.ok) throw invalidRoutePath(route.file, result.problem);
  PARSED.set(route, result.route);
  return result.route;
}

/** Only a default export can be an app, and a catch-all has everything beneath it already. */
function canBeMounted(route: HttpRoute): boolean {
  return route.exports.includes("default") && parsed(route).segments.at(-1)?.kind !== "rest";
}

/** The path in rou3's syntax. Parameters are named by position, since rou3 allows fewer names than we do. */
function toPattern(segments: RouteSegment[]): string {
  let position = 0;
  const patterns = segments.map((segment) => {
    if (segment.kind === "rest") return `**:p${position++}`;
    let pattern = "";
    for (const part of segment.parts)
      pattern += part.kind === "text" ? toLiteral(part.text) : `:p${position++}`;
    return pattern;
  });
  return `/${patterns.join("/")}`;
}

/** The text in canonical encoding; what means something to rou3, or would continue a parameter's name, is escaped. */
function toLiteral(text: string): string {
  return encodeURIComponent(text).replace(/[*()]|^\w/g, "\\$&");
}

/**
 * Writes a path as the table has it: each segment decoded and encoded again, so that "/caf%c3%a9", "/caf%C3%A9" and
 * "/café" are one path, and `%2F` stays within its segment.
 *
 * @param path - as it was requested
 * @returns null when it has a malformed escape
 */
export function canonicalPath(path: string): string | null {
  if (CANONICAL.test(path)) return path;
  try {
    return path
      .split("/")
      .map((segment) => encodeURIComponent(decodeURIComponent(segment)))
      .join("/");
  } catch {
    return null;
  }
}

/** @returns the parameters of a match (in canonical encoding) by name, decoded once */
export function decodeParameters({ route, captured }: RouteMatch): PathParameters {
  const values: PathParameters = Object.create(null);
  const { segments, parameters } = parsed(route);
  const rest = segments.at(-1)?.kind === "rest" ? parameters.length - 1 : -1;
  for (const [position, name] of parameters.entries()) {
    const value = captured[`p${position}`] ?? "";
    values[name] = position === rest ? value.split("/").map(decodeURIComponent) : decodeURIComponent(value);
  }
  return values;
}

/**
 * How much of a path belongs to the route itself, when the rest is an app's: "/shop" of "/shop/items/1" for an app in
 * `api/shop.ts` or in `api/shop/[...rest].ts`.
 */
export function mountedPrefix({ route }: RouteMatch, path: string): string {
  const own = parsed(route).segments.filter(({ kind }) => kind === "parts").length;
  const prefix = path
    .split("/")
    .slice(0, own + 1)
    .join("/");
  return prefix === "/" ? "" : prefix;
}
