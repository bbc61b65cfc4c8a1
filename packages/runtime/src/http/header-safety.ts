import { invalidHeader } from "../errors/http-errors.js";
import type { Answer } from "./answer.js";

/** RFC 9110, 5.6.2: what a header's name may consist of. */
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** RFC 9110, 5.5: visible characters, spaces and tabs; obs-text as Node allows it. No line breaks. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Refuses an answer whose headers would be more than they say: a value with a line break would begin another header.
 *
 * @throws QueueRunError `QR_INVALID_HEADER`
 */
export function assertSafeHeaders({ headers, cookies }: Answer): void {
  for (const name in headers) {
    if (!NAME.test(name) || !VALUE.test(headers[name] ?? "")) throw invalidHeader(name);
  }
  for (const cookie of cookies) if (!VALUE.test(cookie)) throw invalidHeader("set-cookie");
}
