import { QueueRunError } from "./queue-run-error.js";

/** `jwt.verify` or `jwt.google` was not told, or not safely told, what a good token is. */
export function invalidJwtOptions(message: string, fix: string): QueueRunError {
  return new QueueRunError({ code: "QR_INVALID_JWT_OPTIONS", message: `jwt: ${message}`, fix });
}

/**
 * The keys that tokens are verified with cannot be had, or cannot be used: whatever the token is, it was not verified.
 *
 * @param where - the address of the keys, or null for keys that were given
 */
export function jwksUnavailable(where: string | null, cause: unknown): QueueRunError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new QueueRunError({
    code: "QR_JWKS_UNAVAILABLE",
    message: `jwt: the keys ${where === null ? "in jwks" : `at ${where}`} cannot be used: ${reason}`,
    fix: 'The address must answer 200 with a JSON Web Key Set of public keys, { "keys": [{ "kty": "RSA", … }] }, within 5 seconds',
    cause,
  });
}
