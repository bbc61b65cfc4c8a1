/**
 * The path of a file in api/, taken apart: "/orders/[id]", "/orders.[format]", "/reports/[...rest]". Pure: the
 * runtime's router and the command line (which finds conflicts before anything runs) both read it.
 */
export type RoutePath = {
  /** As it was given. */
  path: string;
  segments: RouteSegment[];
  /** In order of appearance. */
  parameters: string[];
};

/** What stands between two slashes. A segment is either a catch-all, or a row of texts and parameters. */
export type RouteSegment = { kind: "rest"; name: string } | { kind: "parts"; parts: RoutePart[] };

export type RoutePart = { kind: "text"; text: string } | { kind: "parameter"; name: string };

/** What is wrong with a route's path, in a sentence. */
export type RoutePathProblem = { message: string; fix: string };

/** A parsed path, or what is wrong with it. */
export type RoutePathResult = { ok: true; route: RoutePath } | { ok: false; problem: RoutePathProblem };

const PARAMETER = /\[([^[\]]*)\]/g;
const PARAMETER_NAME = /^[A-Za-z_$][\w$-]*$/;

/**
 * Takes a route's path apart.
 *
 * @param path - begins with a slash; "/" for `api/index.ts`
 * @returns the parts, or the first thing that is wrong with it; never throws
 */
export function parseRoutePath(path: string): RoutePathResult {
  const segments: RouteSegment[] = [];
  const parameters: string[] = [];
  const texts = path.split("/").slice(1);
  if (texts.length === 1 && texts[0] === "") texts.pop();
  for (const [index, text] of texts.entries()) {
    if (text === "")
      return problem(`The path ${path} has an empty segment`, "Give every folder and file a name");
    if (text === "." || text === "..") {
      return problem(
        `The path ${path} has a segment "${text}", which no client can ask for`,
        "Rename the file",
      );
    }
    const segment = parseSegment(text);
    if (typeof segment === "string") return problem(`${segment} (in ${path})`, FIX_NAME);
    if (segment.kind === "rest" && index < texts.length - 1) {
      return problem(
        `Only the last segment can be a catch-all, but ${text} is in the middle of ${path}`,
        FIX_REST,
      );
    }
    segments.push(segment);
    parameters.push(...namesOf(segment));
  }
  const repeated = parameters.find((name, index) => parameters.indexOf(name) !== index);
  if (repeated !== undefined) {
    return problem(
      `The parameter [${repeated}] occurs twice in ${path}`,
      "Give each parameter a name of its own",
    );
  }
  return { ok: true, route: { path, segments, parameters } };
}

const FIX_NAME =
  "Name parameters [name], with letters, digits, _ and -, with some text between two in one segment; a catch-all is [...name]";
const FIX_REST = "Move the catch-all to the end of the path";

function problem(message: string, fix: string): RoutePathResult {
  return { ok: false, problem: { message, fix } };
}

/** @returns the segment, or what is wrong with it */
function parseSegment(text: string): RouteSegment | string {
  const rest = /^\[\.\.\.([^[\]]*)\]$/.exec(text);
  if (rest) {
    const name = rest[1] ?? "";
    return PARAMETER_NAME.test(name) ? { kind: "rest", name } : `"${name}" cannot be a parameter's name`;
  }
  const parts: RoutePart[] = [];
  let end = 0;
  for (const match of text.matchAll(PARAMETER)) {
    const name = match[1] ?? "";
    if (name.startsWith("...")) return `The catch-all ${match[0]} must be a whole segment`;
    if (!PARAMETER_NAME.test(name)) return `"${name}" cannot be a parameter's name`;
    if (match.index > end) parts.push({ kind: "text", text: text.slice(end, match.index) });
    else if (parts.length > 0) return `Two parameters stand side by side in "${text}"`;
    parts.push({ kind: "parameter", name });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ kind: "text", text: text.slice(end) });
  const stray = parts.find((part) => part.kind === "text" && /[[\]]/.test(part.text));
  return stray ? `A square bracket in "${text}" is not closed` : { kind: "parts", parts };
}

function namesOf(segment: RouteSegment): string[] {
  if (segment.kind === "rest") return [segment.name];
  return segment.parts.flatMap((part) => (part.kind === "parameter" ? [part.name] : []));
}

/**
 * What a route answers, whatever its parameters are called: two routes with the same shape are in conflict.
 * "/orders/[id]" and "/orders/[order]" have one shape, "/orders/[id]" and "/orders/[id].[format]" have two.
 */
export function routeShape(route: RoutePath): string {
  const shapes = route.segments.map((segment) => {
    if (segment.kind === "rest") return "[...]";
    return segment.parts
      .map((part) => (part.kind === "text" ? encodeURIComponent(part.text) : "[]"))
      .join("");
  });
  return `/${shapes.join("/")}`;
}

/** "GET /orders/:id": a route as people and logs name it. */
export function displayRoutePath(path: string): string {
  return path.replace(/\[\.\.\.([^[\]]*)\]/g, ":$1*").replace(PARAMETER, ":$1");
}
