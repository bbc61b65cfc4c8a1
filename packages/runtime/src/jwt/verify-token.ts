import { jwksUnavailable } from "../errors/jwt-errors.js";
import type { JwtClaims, JwtVerifyOptions } from "./jwt-types.js";
import { refuseToken } from "./refuse-token.js";
import type { TokenRules } from "./token-rules.js";

/** Far more than a header may hold; what is longer is not looked at. */
const MAX_TOKEN_CHARACTERS = 65_536;
/** RFC 7515, 3.1 and 2: three parts in base64url, without padding, line breaks or blanks. A decoder may be more lenient. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * @returns the claims of a token that is what the rules ask for
 * @throws Response 401 where there is no token, 403 for one that is not good; QueueRunError `QR_JWKS_UNAVAILABLE`
 */
export async function verifyToken(token: JwtVerifyOptions["token"], rules: TokenRules): Promise<JwtClaims> {
  if (token === undefined || token === null || token === "") throw refuseToken(401, "A token is required");
  if (typeof token !== "string" || token.length > MAX_TOKEN_CHARACTERS || !COMPACT.test(token))
    throw refuseToken(403, "The token is malformed");
  const { checkToken } = await import("./check-token.js");
  const checked = await checkToken(token, rules);
  switch (checked.kind) {
    case "good":
      return checked.claims;
    case "refused":
      throw refuseToken(403, checked.reason);
    case "unverified":
      throw jwksUnavailable(rules.keys.kind === "url" ? rules.keys.url.href : null, checked.cause);
  }
}
