import type { HttpFunction } from "../lambda/functions.js";
import { createRouteLoader, type PreparedRoute } from "./prepared-route.js";
import {
  createRouteTable,
  decodeParameters,
  mountedPrefix,
  type PathParameters,
  type RouteMatch,
} from "./router.js";

/** The route that answers a path, loaded. */
export type Located = {
  prepared: PreparedRoute;
  params: PathParameters;
  /** The part of the path that is the route's own: what a mounted app does not see. */
  prefix: string;
};

/** @returns a function that finds the route of a canonical path; null: there is none */
export function createLocator(fn: HttpFunction): (path: string) => Located | null | Promise<Located | null> {
  const table = createRouteTable(fn.routes);
  const load = createRouteLoader(fn);

  const toLocated = (match: RouteMatch, path: string, prepared: PreparedRoute): Located => ({
    prepared,
    params: decodeParameters(match),
    prefix: prepared.app ? mountedPrefix(match, path) : "",
  });
  /** Paths beneath a default export are its own only if it turns out to be an app. */
  const searchApps = async (path: string): Promise<Located | null> => {
    for (const match of table.findAll(path)) {
      const prepared = await load(match.route);
      if (!match.beneath || prepared.app) return toLocated(match, path, prepared);
    }
    return null;
  };
  return (path) => {
    const match = table.find(path);
    if (!match) return null;
    if (match.beneath) return searchApps(path);
    const prepared = load(match.route);
    if (!(prepared instanceof Promise)) return toLocated(match, path, prepared);
    return prepared.then((ready) => toLocated(match, path, ready));
  };
}
