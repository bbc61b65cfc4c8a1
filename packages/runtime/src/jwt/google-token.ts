import type { GoogleOptions, GoogleUser } from "./jwt-types.js";
import { refuseToken } from "./refuse-token.js";
import { toTokenRules } from "./token-rules.js";
import { verifyToken } from "./verify-token.js";

/**
 * Google's keys, which it changes every few days, and its two names.
 * https://developers.google.com/identity/openid-connect/openid-connect#validatinganidtoken
 */
const GOOGLE_KEYS = "https://www.googleapis.com/oauth2/v3/certs";
const GOOGLE_ISSUERS = ["https://accounts.google.com", "accounts.google.com"];

/**
 * Verifies an ID token of Google's sign-in.
 *
 * @param keysAt - where Google's keys are
 * @throws as `jwt.google` does
 */
export async function verifyGoogleToken(
  { token, clientId, hostedDomain }: GoogleOptions,
  keysAt: string = GOOGLE_KEYS,
): Promise<GoogleUser> {
  const rules = toTokenRules({
    jwks: keysAt,
    issuer: GOOGLE_ISSUERS,
    // Never unset: a token that Google made for any other site would do.
    audience: clientId ?? "",
    algorithms: ["RS256"],
  });
  const claims = await verifyToken(token, { ...rules, requiredClaims: ["sub", "exp"] });
  if (hostedDomain !== undefined && claims.hd !== hostedDomain)
    throw refuseToken(403, "The account is of another domain");
  return { ...claims, id: String(claims.sub) };
}
