import { instanceConfig } from "../config/instance.js";
import { invalidRoutePath, urlWithoutRoute } from "../errors/http-errors.js";
import { buildPath, type ParameterValues, type UrlValue } from "./build-path.js";
import { parseRoutePath } from "./route-path.js";

declare global {
  /** The paths of a project's routes, which `.queue-run/types.d.ts` adds. Global for the reason that `QueueRunQueues` is. */
  interface QueueRunRoutes {}
}

/** A route's path, which editors complete, or another. */
type KnownPath = keyof QueueRunRoutes | (string & {});

export type { UrlValue };

/** A query: null and undefined are left out, an array repeats its name. */
export type UrlQuery = Record<string, UrlValue | readonly UrlValue[] | null | undefined>;

type ParameterNames<Path extends string> = Path extends `${string}[${infer Name}]${infer Rest}`
  ? Name | ParameterNames<Rest>
  : never;

/** The values that a path needs: one for each [name], an array for [...name]. */
export type UrlParameters<Path extends string> = string extends Path
  ? Record<string, UrlValue | readonly UrlValue[]>
  : {
      [Name in ParameterNames<Path> as Name extends `...${infer Rest}`
        ? Rest
        : Name]: Name extends `...${string}` ? readonly UrlValue[] : UrlValue;
    };

/** Makes URLs of one path. */
export type UrlMaker<Params, Query = UrlQuery> = (
  ...parts: Record<never, never> extends Params
    ? [params?: Params | null, query?: Query]
    : [params: Params, query?: Query]
) => string;

/** Makes URLs of the project's routes. */
export interface Url {
  /**
   * @param path - as the file's path has it: "/items/[id]"
   * @returns the URL: absolute where the project's own address is known, else from the root
   * @throws QueueRunError `QR_URL_PARAMETER`, `QR_INVALID_ROUTE`
   */
  <const Path extends KnownPath>(path: Path, ...parts: Parameters<UrlMaker<UrlParameters<Path>>>): string;
  /** @returns a function that makes URLs of that path */
  for<const Path extends KnownPath>(path: Path): UrlMaker<UrlParameters<Path>>;
  /**
   * In a file under api/: @returns a function that makes URLs of this file's route
   *
   * @throws QueueRunError `QR_NOT_A_ROUTE` elsewhere
   */
  self<Params = Record<never, never>, Query = UrlQuery>(): UrlMaker<Params, Query>;
}

/**
 * Makes the `url` of one file.
 *
 * @param route - the path of its route, "/items/[id]"; null: it is not a route
 */
export function bindUrl(route: string | null): Url {
  const make = (path: string, params?: unknown, query?: unknown): string =>
    buildUrl(path, (params ?? {}) as ParameterValues, (query ?? {}) as UrlQuery);
  return Object.assign(make as Url, {
    for: (path: string) => (params?: unknown, query?: unknown) => make(path, params, query),
    self: () => {
      if (route === null) throw urlWithoutRoute();
      return (params?: unknown, query?: unknown) => make(route, params, query);
    },
  });
}

/** `url` of files that are not routes. */
export const url: Url = /* @__PURE__ */ bindUrl(null);

function buildUrl(path: string, params: ParameterValues, query: UrlQuery): string {
  const result = parseRoutePath(path);
  if (!result.ok) throw invalidRoutePath(`url(${JSON.stringify(path)})`, result.problem);
  const base = instanceConfig()?.baseUrl?.replace(/\/$/, "") ?? "";
  return `${base}${buildPath(result.route, params)}${buildQuery(query)}`;
}

function buildQuery(query: UrlQuery): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value ?? []].flat()) search.append(name, String(one));
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}
