import { invalidUrlParameter } from "../errors/http-errors.js";
import type { RoutePart, RoutePath, RouteSegment } from "./route-path.js";

/** What can stand in a URL. */
export type UrlValue = string | number | bigint | boolean;

/** Parameters of a path, by name; a catch-all's are an array. */
export type ParameterValues = Record<string, UrlValue | readonly UrlValue[] | null | undefined>;

/**
 * @param params - encoded; what the path has no place for is left out
 * @throws QR_URL_PARAMETER for a parameter that is missing, or that no path can have
 */
export function buildPath({ path, segments }: RoutePath, params: ParameterValues): string {
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
