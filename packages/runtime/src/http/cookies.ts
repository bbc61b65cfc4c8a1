import { parse } from "cookie-es";

/**
 * @param pairs - `name=value` each, as the event has them
 * @returns decoded values by name, without a prototype; of a name that repeats, the first. A value whose escapes are
 *   malformed stays as it is
 */
export function parseCookies(pairs: string[] | undefined): Record<string, string> {
  const cookies: Record<string, string> = Object.create(null);
  if (!pairs || pairs.length === 0) return cookies;
  for (const [name, value] of Object.entries(parse(pairs.join("; ")))) {
    if (value !== undefined) cookies[name] = value;
  }
  return cookies;
}
