import type { Answer } from "./answer.js";
import type { HttpContext } from "./http-context.js";

const EXPOSED = "X-Job-Id, Location, X-Request-Id";
const HEADER_NAMES = /^[A-Za-z0-9!#$%&'*+\-.^_`|~, ]{1,2048}$/;
/** How long browsers may remember a preflight; two hours is the most that Chromium honours. */
const PREFLIGHT_SECONDS = "7200";

/**
 * Lets pages of any origin read an answer. Without credentials: cookies of other sites' visitors open nothing. What
 * the handler set itself stays.
 */
export function addCors({ headers }: Answer): void {
  headers["access-control-allow-origin"] ??= "*";
  headers["access-control-expose-headers"] ??= EXPOSED;
}

/**
 * The headers of a preflight's answer.
 *
 * @param methods - what the route answers
 */
export function preflightHeaders(methods: readonly string[], request: HttpContext): Record<string, string> {
  const asked = request.event.headers["access-control-request-headers"];
  return {
    "access-control-allow-methods": methods.join(", "),
    "access-control-allow-headers": asked && HEADER_NAMES.test(asked) ? asked : "authorization, content-type",
    "access-control-max-age": PREFLIGHT_SECONDS,
  };
}
