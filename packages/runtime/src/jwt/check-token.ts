import { type JWTVerifyGetKey, jwtVerify } from "jose/jwt/verify";
import type { JwtClaims } from "./jwt-types.js";
import { keysOf } from "./key-sets.js";
import type { TokenRules } from "./token-rules.js";

/**
 * What became of a token: its claims; why it is refused, in a sentence for the client; or what kept it from being
 * verified, which is no fault of the client's.
 */
export type CheckedToken =
  | { kind: "good"; claims: JwtClaims }
  | { kind: "refused"; reason: string }
  | { kind: "unverified"; cause: unknown };

/**
 * Verifies a token. This module is loaded when the first one comes: it brings jose and the Web Cryptography API. It imports
 * nothing that is loaded before, since a bundler would make a file of what the two share, for every cold start to read.
 */
export async function checkToken(token: string, rules: TokenRules): Promise<CheckedToken> {
  const { keys, ...options } = rules;
  try {
    const claims =
      keys.kind === "secret"
        ? (await jwtVerify(token, keys.secret, options)).payload
        : await verifyWithSet(token, keysOf(keys), options);
    return { kind: "good", claims: claims as JwtClaims };
  } catch (cause) {
    const reason = reasonOf(cause);
    return reason === null ? { kind: "unverified", cause } : { kind: "refused", reason };
  }
}

/** A token that names no key is tried with each that it could be of. */
async function verifyWithSet(
  token: string,
  findKey: JWTVerifyGetKey,
  options: Omit<TokenRules, "keys">,
): Promise<object> {
  try {
    return (await jwtVerify(token, findKey, options)).payload;
  } catch (error) {
    if (codeOf(error) !== SEVERAL_KEYS) throw error;
    let last: unknown = error;
    for await (const key of error as AsyncIterable<CryptoKey>) {
      try {
        return (await jwtVerify(token, key, options)).payload;
      } catch (failure) {
        if (codeOf(failure) !== WRONG_SIGNATURE) throw failure;
        last = failure;
      }
    }
    throw last;
  }
}

const SEVERAL_KEYS = "ERR_JWKS_MULTIPLE_MATCHING_KEYS";
const WRONG_SIGNATURE = "ERR_JWS_SIGNATURE_VERIFICATION_FAILED";

/** jose's errors that are the token's fault, and what the client is told of them. */
const REASONS: Record<string, string> = {
  [WRONG_SIGNATURE]: "The token's signature is wrong",
  [SEVERAL_KEYS]: "The token is signed with an unknown key",
  ERR_JWKS_NO_MATCHING_KEY: "The token is signed with an unknown key",
  ERR_JOSE_ALG_NOT_ALLOWED: "The token's algorithm is not allowed",
  ERR_JOSE_NOT_SUPPORTED: "The token needs what is not supported",
  ERR_JWT_EXPIRED: "The token has expired",
  ERR_JWS_INVALID: "The token is malformed",
  ERR_JWT_INVALID: "The token is malformed",
};
const REASONS_OF_CLAIM: Record<string, string> = {
  nbf: "The token is not valid yet",
  iss: "The token is of another issuer",
  aud: "The token is for another audience",
};

/** @returns null when it is not the token that is wrong */
function reasonOf(error: unknown): string | null {
  const code = codeOf(error);
  if (code !== "ERR_JWT_CLAIM_VALIDATION_FAILED") return REASONS[code] ?? null;
  const { claim } = error as { claim?: unknown };
  return REASONS_OF_CLAIM[String(claim)] ?? "The token lacks a claim, or one of its claims is malformed";
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}
