import { instanceConfig } from "../config/instance.js";
import { invalidRoutePath, invalidUrlParameter, urlWithoutRoute } from "../errors/http-errors.js";
import { parseRoutePath, type RoutePart, type RoutePath, type RouteSegment } from "./route-path.js";

declare global {
  /** The paths of a project's routes, which `.queue-run/types.d.ts` adds. Global for the reason that `QueueRunQueues` is. */
  interface QueueRunRoutes {}
}

/** A route's path, which editors complete, or another. */
type KnownPath = keyof QueueRunRoutes | (string & {});

/** What can stand in a URL. */
export type UrlValue = string | number | bigint | boolean;

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

type ParameterValues = Record<string, UrlValue | readonly UrlValue[] | null | undefined>;

function buildUrl(path: string, params: ParameterValues, query: UrlQuery): string {
  const result = parseRoutePath(path);
  if (!result.ok) throw invalidRoutePath(`url(${JSON.stringify(path)})`, result.problem);
  const base = instanceConfig()?.baseUrl?.replace(/\/$/, "") ?? "";
  return `${base}${buildPath(result.route, params)}${buildQuery(query)}`;
}

function buildPath({ path, segments }: RoutePath, params: ParameterValues): string {
  const parameter = (name: string): ParameterValues[string] =>
    Object.hasOwn(params, name) ? params[name] : undefined;
  return `/${segments.map((segment) => buildSegment(path, segment, parameter)).join("/")}`;
}

function buildSegment(
  path: string,
  segment: RouteSegment,
  parameter: (name: string) => ParameterValues[string],
): string {
  if (segment.kind === "rest") {
    const values = [parameter(segment.name) ?? []].flat();
    const texts = values.map((value) => encodeValue(path, segment.name, value));
    if (texts.length === 0 || texts.some(isTakenAway)) throw invalidUrlParameter(path, segment.name);
    return texts.join("/");
  }
  const encodePart = (part: RoutePart): string => {
    if (part.kind === "text") return encodeURIComponent(part.text);
    const value = parameter(part.name);
    if (value === null || value === undefined || Array.isArray(value))
      throw invalidUrlParameter(path, part.name);
    return encodeValue(path, part.name, value as UrlValue);
  };
  const text = segment.parts.map(encodePart).join("");
  const [name] = segment.parts.flatMap((part) => (part.kind === "parameter" ? [part.name] : []));
  if (name !== undefined && isTakenAway(text)) throw invalidUrlParameter(path, name);
  return text;
}

function encodeValue(path: string, name: string, value: UrlValue): string {
  const text = String(value);
  if (text === "") throw invalidUrlParameter(path, name);
  return encodeURIComponent(text);
}

/** A dot or two, alone between slashes, every client leaves out before it asks. */
function isTakenAway(segment: string): boolean {
  return segment === "." || segment === "..";
}

function buildQuery(query: UrlQuery): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of [value ?? []].flat()) search.append(name, String(one));
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}
