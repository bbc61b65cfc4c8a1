import { invalidJwtOptions } from "../errors/jwt-errors.js";
import type { JsonWebKeySet, JwtRules } from "./jwt-types.js";

/** What a token must be, decided without looking at it. */
export type TokenRules = {
  keys:
    | { kind: "secret"; secret: Uint8Array }
    | { kind: "url"; url: URL }
    | { kind: "set"; set: JsonWebKeySet };
  algorithms: string[];
  issuer?: string[];
  audience?: string[];
  requiredClaims?: string[];
};

/** RFC 7518, 3.1, and RFC 8037 and 9864 for the Edwards curves. */
const SYMMETRIC = ["HS256", "HS384", "HS512"];
const ASYMMETRIC = [
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
  ...["ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
];
/** Public keys and certificates, which everybody may know, as text (PEM, SSH, JWK). */
const PUBLIC_KEY = /^\s*(?:-----BEGIN |ssh-|ecdsa-|\{\s*"(?:kty|keys)")/;

/** @throws QueueRunError `QR_INVALID_JWT_OPTIONS` */
export function toTokenRules(options: JwtRules): TokenRules {
  const { secret, jwks } = options;
  if (secret !== undefined && jwks !== undefined) {
    throw invalidJwtOptions(
      "there are both secret and jwks, so that a token could choose between them",
      "Give secret where the issuer signs with a shared secret (HS256), or jwks where it publishes its keys",
    );
  }
  const rules: TokenRules =
    jwks !== undefined
      ? { keys: toKeys(jwks), algorithms: allowed(options.algorithms, ASYMMETRIC, "jwks") ?? ASYMMETRIC }
      : {
          keys: { kind: "secret", secret: toSecret(secret) },
          algorithms: allowed(options.algorithms, SYMMETRIC, "secret") ?? ["HS256"],
        };
  if (options.issuer !== undefined) rules.issuer = toNames("issuer", options.issuer);
  if (options.audience !== undefined) rules.audience = toNames("audience", options.audience);
  return rules;
}

function toSecret(secret: unknown): Uint8Array {
  if (typeof secret !== "string" && !(secret instanceof Uint8Array)) {
    throw invalidJwtOptions(
      `there is neither a secret nor jwks (secret is ${secret === null ? "null" : typeof secret})`,
      "Give one of them; list an environment variable that holds it in requiredEnv of queue-run.config.ts",
    );
  }
  const text = typeof secret === "string" ? secret : Buffer.from(secret).toString("latin1");
  if (text.trim() === "" || /^\0+$/.test(text)) {
    throw invalidJwtOptions(
      "the secret is empty: anybody could sign with it",
      "Set the environment variable that it comes from, to 32 random bytes or more",
    );
  }
  if (PUBLIC_KEY.test(text)) {
    throw invalidJwtOptions(
      "the secret is a key in PEM, SSH or JWK form: what is public would be the secret that anybody can sign with",
      'Give public keys as jwks: { keys: [await exportJWK(await importSPKI(pem, "RS256"))] } makes one with jose',
    );
  }
  return typeof secret === "string" ? new TextEncoder().encode(secret) : secret;
}

function toKeys(jwks: unknown): TokenRules["keys"] {
  const url = typeof jwks === "string" ? parseUrl(jwks) : jwks;
  if (url instanceof URL && (url.protocol === "https:" || url.protocol === "http:"))
    return { kind: "url", url };
  const set = jwks as Partial<JsonWebKeySet> | null;
  if (typeof set === "object" && Array.isArray(set?.keys) && set.keys.length > 0)
    return { kind: "set", set: { keys: set.keys } };
  throw invalidJwtOptions(
    `jwks is ${typeof jwks === "string" ? `${JSON.stringify(jwks)}, which is no address` : "neither an address nor a set of keys"}`,
    'Give an address, "https://issuer/.well-known/jwks.json", or the keys, { keys: [ … ] }, at least one',
  );
}

function parseUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

function allowed(
  algorithms: unknown,
  possible: readonly string[],
  given: "secret" | "jwks",
): string[] | undefined {
  if (algorithms === undefined) return undefined;
  const isFine =
    Array.isArray(algorithms) && algorithms.length > 0 && algorithms.every((name) => possible.includes(name));
  if (isFine) return [...algorithms];
  throw invalidJwtOptions(
    `algorithms is ${JSON.stringify(algorithms)}, but with ${given} it can only list ${possible.join(", ")}`,
    `List some of those, or leave algorithms out`,
  );
}

function toNames(option: "issuer" | "audience", value: unknown): string[] {
  const names: unknown[] = Array.isArray(value) ? value : [value];
  if (names.length > 0 && names.every((name) => typeof name === "string" && name !== ""))
    return names.map(String);
  throw invalidJwtOptions(
    `${option} is empty, or not a text`,
    `Give the ${option} that tokens must have, a list of those that they may have, or leave it out`,
  );
}
