import { createHmac, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** A key pair of an issuer, with the public half as a key set has it. */
export type TestKey = {
  kid: string;
  alg: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
  jwk: Record<string, unknown>;
};

/** @param alg - RS256, ES256 or EdDSA */
export function makeKey(kid: string, alg = "RS256"): TestKey {
  const { privateKey, publicKey } = generate(alg);
  return {
    kid,
    alg,
    privateKey,
    publicKey,
    jwk: { ...publicKey.export({ format: "jwk" }), kid, use: "sig" },
  };
}

function generate(alg: string) {
  if (alg === "EdDSA") return generateKeyPairSync("ed25519");
  if (alg === "ES256") return generateKeyPairSync("ec", { namedCurve: "P-256" });
  return generateKeyPairSync("rsa", { modulusLength: 2048 });
}

/** A part of a token: text as it is, anything else as JSON. */
export function encodePart(value: unknown): string {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
}

/** Signs whatever header and claims it is given, also those that no honest issuer would. */
export function hmacToken(header: unknown, claims: unknown, secret: string | Buffer): string {
  const signed = `${encodePart(header)}.${encodePart(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

/** @param header - added to the key's own `alg` and `kid`, and stronger */
export function signedToken(key: TestKey, claims: unknown, header: Record<string, unknown> = {}): string {
  const signed = `${encodePart({ alg: key.alg, kid: key.kid, ...header })}.${encodePart(claims)}`;
  const options = key.alg === "ES256" ? { dsaEncoding: "ieee-p1363" as const } : {};
  const digest = key.alg === "EdDSA" ? null : "sha256";
  const signature = sign(digest, Buffer.from(signed), { key: key.privateKey, ...options });
  return `${signed}.${signature.toString("base64url")}`;
}

/** Seconds since 1970. */
export function secondsFromNow(seconds: number): number {
  return Math.floor(Date.now() / 1_000) + seconds;
}
