import type { RouteConfig } from "../config/route-config.js";
import { type Answer, isStream } from "./answer.js";
import { etagOf, matchesEtag, quoteEtag } from "./etag.js";
import type { HttpContext } from "./http-context.js";

/** The members of a route's config that are read at run time. */
export type CacheSettings = Pick<RouteConfig, "cache" | "etag">;

/**
 * Adds Cache-Control and ETag to an answer to GET or HEAD, and makes it a 304 when the client has it already. Headers
 * that the handler set itself stay.
 *
 * @param result - what the handler returned, for `cache` and `etag` functions
 */
export function applyCaching(
  answer: Answer,
  { cache, etag = true }: CacheSettings,
  result: unknown,
  request: HttpContext,
): void {
  if (answer.status !== 200) return;
  const { headers, body } = answer;
  if (cache !== undefined && headers["cache-control"] === undefined) {
    const value = typeof cache === "function" ? cache(result) : cache;
    if (value !== undefined) headers["cache-control"] = toCacheControl(value, request.user !== null);
  }
  if (headers.etag === undefined && etag !== false) {
    if (typeof etag === "function") {
      const value = etag(result);
      if (value !== undefined) headers.etag = quoteEtag(value);
    } else if (body !== null && !isStream(body)) {
      headers.etag = etagOf(body);
    }
  }
  const known = request.event.headers["if-none-match"];
  if (known !== undefined && headers.etag !== undefined && matchesEtag(known, headers.etag))
    becomeNotModified(answer);
}

/** What a user was shown is not for shared caches. */
function toCacheControl(value: number | string, personal: boolean): string {
  if (typeof value === "string") return value;
  return `${personal ? "private" : "public"}, max-age=${Math.max(0, Math.floor(value))}`;
}

function becomeNotModified(answer: Answer): void {
  if (isStream(answer.body)) answer.body.cancel().catch(() => undefined);
  answer.status = 304;
  answer.body = null;
  delete answer.headers["content-type"];
  delete answer.headers["content-length"];
}
