import type { AuthenticateArgument } from "./http-request.js";

/** What an Authorization header says. */
export type Credentials = Pick<AuthenticateArgument, "bearerToken" | "username" | "password">;

const NONE: Credentials = { bearerToken: undefined, username: undefined, password: undefined };

/** One scheme and one word after it: several headers, joined by commas, are none of it, whichever was meant. */
const SCHEME_AND_WORD = /^(bearer|basic) +([^\s,]+) *$/i;
/** RFC 4648, 4. Node's decoder passes over what is not. */
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
/** RFC 7617, 2: neither name nor password may have control characters. U+FFFD: the bytes were not UTF-8. */
const REFUSED = /[\p{Cc}\ufffd]/u;

/**
 * Reads Bearer (RFC 6750) and Basic (RFC 7617) credentials. What is another scheme, or malformed, is as if there were none.
 *
 * @param header - the Authorization header
 */
export function parseAuthorization(header: string | undefined): Credentials {
  const [, scheme, word] = (header !== undefined && SCHEME_AND_WORD.exec(header)) || [];
  if (!scheme || !word) return NONE;
  if (scheme.toLowerCase() === "bearer") return { ...NONE, bearerToken: word };
  const pair = BASE64.test(word) ? Buffer.from(word, "base64").toString("utf8") : "";
  const colon = pair.indexOf(":");
  if (colon < 0 || REFUSED.test(pair)) return NONE;
  return { ...NONE, username: pair.slice(0, colon), password: pair.slice(colon + 1) };
}
