import { verifyGoogleToken } from "./google-token.js";
import type { GoogleOptions, GoogleUser, JwtClaims, JwtVerifyOptions } from "./jwt-types.js";
import { toTokenRules } from "./token-rules.js";
import { verifyToken } from "./verify-token.js";

/** Verifies JSON Web Tokens, for `authenticate`. What it needs is loaded with the first token. */
export const jwt = {
  /**
   * Verifies a token's signature, and that it is valid now (`exp`, `nbf`) and meant for us (`issuer`, `audience`). What
   * its header says of keys (`jku`, `x5u`, `jwk`) is ignored, and its algorithm has to be one of `algorithms`.
   *
   * @typeParam Claims - claims of your own
   * @returns the claims, with an `id`, so that `authenticate` can return it: the claim `id`, else the claim `sub`
   * @throws Response 401 without a token, 403 for one that is not good; QueueRunError `QR_INVALID_JWT_OPTIONS` for
   *   neither or both of `secret` and `jwks`, or an empty one, and `QR_JWKS_UNAVAILABLE`
   */
  async verify<Claims extends object = Record<never, never>>(
    options: JwtVerifyOptions,
  ): Promise<JwtClaims & Claims> {
    const claims = await verifyToken(options.token, toTokenRules(options));
    // An issuer's own `id` is more particular than `sub`: it is the later of the two.
    return { ...(claims.sub !== undefined && { id: claims.sub }), ...claims } as JwtClaims & Claims;
  },

  /**
   * Verifies an ID token of Google's sign-in.
   *
   * @returns Google's claims (`email`, `name`, …); `id` is `sub`, which never changes
   * @throws as `verify` does
   */
  google(options: GoogleOptions): Promise<GoogleUser> {
    return verifyGoogleToken(options);
  },
};
