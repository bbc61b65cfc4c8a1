import { createLocalJWKSet } from "jose/jwks/local";
import { createRemoteJWKSet } from "jose/jwks/remote";
import type { JWTVerifyGetKey } from "jose/jwt/verify";
import type { TokenRules } from "./token-rules.js";

/** Finds a token's key among those at an address, or among those that were given. */
type FindKey = JWTVerifyGetKey;

/** Most addresses whose keys are kept: code that makes addresses of what clients send must not fill the memory. */
const MAX_ADDRESSES = 100;

const byAddress = new Map<string, FindKey>();
const byKeys = new WeakMap<object, FindKey>();

/**
 * @returns what finds keys. Of an address it is one for all calls: keys are kept, asked for again after ten minutes or
 *   when a token names another one, and that twice a minute at most.
 * @throws what jose throws for a set that is none
 */
export function keysOf(keys: Exclude<TokenRules["keys"], { kind: "secret" }>): FindKey {
  if (keys.kind === "set") return keysGiven(keys.set.keys, keys.set);
  const known = byAddress.get(keys.url.href);
  if (known) return known;
  const [oldest] = byAddress.keys();
  if (oldest !== undefined && byAddress.size >= MAX_ADDRESSES) byAddress.delete(oldest);
  const made = createRemoteJWKSet(keys.url);
  byAddress.set(keys.url.href, made);
  return made;
}

/** Importing a key takes longer than verifying with it, so what has been imported is kept with the keys. */
function keysGiven(identity: object, set: { keys: readonly object[] }): FindKey {
  const known = byKeys.get(identity);
  if (known) return known;
  const made = createLocalJWKSet(set as Parameters<typeof createLocalJWKSet>[0]);
  byKeys.set(identity, made);
  return made;
}
