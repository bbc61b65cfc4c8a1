import { parseRoutePath, type RouteSegment, routeShape } from "../route-path.js";

/**
 * The rule, written down plainly: segment by segment, text beats a parameter (with text around it or not), which beats
 * the rest.
 *
 * @param path - in canonical encoding
 * @returns every route that is as good as the best
 */
export function modelFind(paths: string[], path: string): (string | null)[] {
  const asked = path.split("/").slice(1).map(decodeURIComponent);
  const candidates = paths.filter((each) => modelMatches(segmentsOf(each), asked));
  const ranks = new Map(candidates.map((each) => [each, segmentsOf(each).map(rank)]));
  const isBeaten = (each: string): boolean =>
    candidates.some((other) => compareRanks(ranks.get(other) ?? [], ranks.get(each) ?? []) < 0);
  return candidates.length === 0 ? [null] : candidates.filter((each) => !isBeaten(each));
}

function segmentsOf(path: string): RouteSegment[] {
  const result = parseRoutePath(path);
  if (!result.ok) throw new Error(result.problem.message);
  return result.route.segments;
}

function modelMatches(segments: RouteSegment[], asked: string[]): boolean {
  if (segments.at(-1)?.kind !== "rest" && segments.length !== asked.length) return false;
  return segments.every((segment, index) => {
    if (segment.kind === "rest")
      return asked.length > index && asked.slice(index).every((each) => each !== "");
    const pattern = segment.parts.map((part) => (part.kind === "text" ? literal(part.text) : ".+"));
    return new RegExp(`^${pattern.join("")}$`, "s").test(asked[index] ?? "");
  });
}

function literal(text: string): string {
  return text.replace(/[^\p{L}\p{N}]/gu, "\\$&");
}

function rank(segment: RouteSegment): number {
  if (segment.kind === "rest") return 2;
  return segment.parts.every(({ kind }) => kind === "text") ? 0 : 1;
}

function compareRanks(a: number[], b: number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? -1) - (b[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What a path answers, whatever its parameters are called; two files of one shape are an error before anything runs. */
export function shapeOf(path: string): string {
  const result = parseRoutePath(path);
  return result.ok ? routeShape(result.route) : path;
}
