import type { AuthenticateArgument } from "./http-request.js";

/** What a header `Authorization` says. */
export type Credentials = Pick<AuthenticateArgument, "bearerToken" | "username" | "password">;

const NO_CREDENTIALS: Credentials = { bearerToken: undefined, username: undefined, password: undefined };

/** Bearer and Basic; anything else is as if there were none. */
export function parseAuthorization(header: string | undefined): Credentials {
  const match = header === undefined ? null : /^(bearer|basic) +(\S+) *$/i.exec(header);
  if (!match?.[1] || !match[2]) return NO_CREDENTIALS;
  if (match[1].toLowerCase() === "bearer") return { ...NO_CREDENTIALS, bearerToken: match[2] };
  const pair = Buffer.from(match[2], "base64").toString("utf8");
  const colon = pair.indexOf(":");
  if (colon < 0) return NO_CREDENTIALS;
  return { ...NO_CREDENTIALS, username: pair.slice(0, colon), password: pair.slice(colon + 1) };
}
