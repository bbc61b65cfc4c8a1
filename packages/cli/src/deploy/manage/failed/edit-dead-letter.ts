import { SQS_MAX_MESSAGE_BYTES } from "@queue-run/runtime/limits";
import { isFifoName } from "@queue-run/runtime/names";
import { defaultEnvelope, encodePayload } from "@queue-run/runtime/wire";
import { editTooLargeError } from "../../../errors/failed-errors.js";
import type { DeadLetter } from "./dead-letter.js";
import { messageBytes, toRetryMessage } from "./retry-message.js";

/**
 * A dead letter with another payload; everything else stays.
 *
 * @param queueName - the queue file's
 * @throws QR_INVALID_PAYLOAD for what a message cannot carry, QR_PAYLOAD_TOO_LARGE
 */
export function withPayload(letter: DeadLetter, payload: unknown, queueName: string): DeadLetter {
  const { body, kind } = encodePayload(payload, queueName);
  const envelope = { ...(letter.envelope ?? defaultEnvelope()), payloadKind: kind };
  const edited = { ...letter, body, envelope };
  const bytes = messageBytes(toRetryMessage(edited, isFifoName(queueName)));
  if (bytes > SQS_MAX_MESSAGE_BYTES) throw editTooLargeError(letter.jobId, bytes, SQS_MAX_MESSAGE_BYTES);
  return edited;
}
