import { createHmac, timingSafeEqual } from "node:crypto";

/** Whoever has the secret can tell that a webhook is ours, and that nobody has changed it. */
const secret = process.env.WEBHOOK_SECRET ?? "development";

export function signatureOf(id: string, body: string): string {
  return createHmac("sha256", secret).update(`${id}.${body}`).digest("hex");
}

export function isSignatureOf(signature: string, id: string, body: string): boolean {
  const expected = Buffer.from(signatureOf(id, body));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
