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
 * @param byUser - whether the route asks who the user is, so that what it shows may depend on it
 */
export function applyCaching(
  answer: Answer,
  { cache, etag = true }: CacheSettings,
  result: unknown,
  request: HttpContext,
  byUser: boolean,
): void {
  if (answer.status !== 200) return;
  const { headers, body } = answer;
  if (cache !== undefined && headers["cache-control"] === undefined) {
    const value = typeof cache === "function" ? cache(result) : cache;
    if (value !== undefined) headers["cache-control"] = toCacheControl(value, request.user !== null);
    // What anybody may see is not what a cache may show to those who are somebody.
    if (value !== undefined && byUser) headers.vary ??= "authorization, cookie";
  }
  if (headers.etag === undefined && etag !== false) {
    if (typeof etag === "function") {
      const value = etag(result);
      if (value !== undefined) headers.etag = quoteEtag(value);
    } else if (body !== null && !isStream(body)) {
      headers.etag = etagOf(body);
    }
  }
  if (isKnown(request, headers)) becomeNotModified(answer);
}

/** Whether the client has this version already. RFC 9110, 13.1.3: a date counts where there is no validator. */
function isKnown(
  { event }: HttpContext,
  { etag, "last-modified": lastModified }: Answer["headers"],
): boolean {
  const { "if-none-match": known, "if-modified-since": since } = event.headers;
  if (known !== undefined) return etag !== undefined && matchesEtag(known, etag);
  return since !== undefined && lastModified !== undefined && Date.parse(lastModified) <= Date.parse(since);
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
