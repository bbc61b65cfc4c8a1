/** What is verified, and against what. */
export type JwtVerifyOptions = JwtRules & {
  /** As a header, a cookie or a query has it; without one the answer is 401. */
  token: string | readonly string[] | null | undefined;
};

/** What a token must be. `secret` or `jwks`, and not both. */
export type JwtRules = (SharedSecret | PublicKeys) & {
  /** Who may have made the token. */
  issuer?: string | readonly string[] | undefined;
  /** Whom the token must be for: one of these. */
  audience?: string | readonly string[] | undefined;
  /** Default: HS256 with `secret`, every asymmetric one with `jwks`. */
  algorithms?: readonly string[] | undefined;
};

type SharedSecret = {
  /** What the issuer and we share, and nobody else knows. Means HS256, unless `algorithms` lists others of HS. */
  secret: string | Uint8Array | undefined;
  jwks?: undefined;
};

type PublicKeys = {
  /**
   * The issuer's public keys: where they are, or the keys themselves. An address is asked when a token comes, again when
   * a token names a key that is not known (twice a minute at most), and after ten minutes.
   */
  jwks: string | URL | JsonWebKeySet | undefined;
  secret?: undefined;
};

/** RFC 7517, 5. */
export type JsonWebKeySet = { keys: readonly object[] };

/** What a token says. RFC 7519, 4.1. */
export type JwtClaims = {
  /** The claim `id`, else `sub`; undefined when the token has neither. */
  id?: string;
  iss?: string;
  sub?: string;
  aud?: string | string[];
  /** Seconds since 1970, as `nbf` and `iat`. */
  exp?: number;
  nbf?: number;
  iat?: number;
  jti?: string;
  [claim: string]: unknown;
};

export type GoogleOptions = {
  token: JwtVerifyOptions["token"];
  /** Of your project in Google's console; a list where several apps (web, Android) share one API. */
  clientId: string | readonly string[] | undefined;
  /** Only accounts of this Google Workspace domain. */
  hostedDomain?: string;
};

/** Claims of Google's ID tokens. */
export type GoogleUser = JwtClaims & {
  id: string;
  email?: string;
  email_verified?: boolean;
  name?: string;
  picture?: string;
  /** The Google Workspace domain. */
  hd?: string;
};
