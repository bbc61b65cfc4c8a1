/** Headers that carry secrets, and what we make of them: the names are those of members of any object that is logged. */
const SECRETS = new Set([
  "authorization",
  "bearertoken",
  "cookie",
  "password",
  "proxy-authorization",
  "set-cookie",
  "x-access-token",
  "x-amz-security-token",
  "x-api-key",
  "x-auth-token",
  "x-csrf-token",
  "x-forwarded-access-token",
  "x-xsrf-token",
]);

/** What stands in a log in place of a secret. */
export const REDACTED = "[redacted]";

/**
 * @param name - of a member, or of a header in a list of names and values
 * @returns whether what goes by that name is to be hidden: `cookies` is data of ours only where it has names and values
 */
export function isSecret(name: unknown, value: unknown): boolean {
  if (typeof name !== "string" || value === null || value === undefined) return false;
  const lower = name.toLowerCase();
  return SECRETS.has(lower) || (lower === "cookies" && typeof value === "object");
}
