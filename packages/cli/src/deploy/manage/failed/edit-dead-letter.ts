import { defaultEnvelope, encodePayload } from "@queue-run/runtime/wire";
import type { DeadLetter } from "./dead-letter.js";

/**
 * A dead letter with another payload; everything else stays.
 *
 * @param queueName - for the error
 * @throws QR_INVALID_PAYLOAD for what a message cannot carry
 */
export function withPayload(letter: DeadLetter, payload: unknown, queueName: string): DeadLetter {
  const { body, kind } = encodePayload(payload, queueName);
  return { ...letter, body, envelope: { ...(letter.envelope ?? defaultEnvelope()), payloadKind: kind } };
}
