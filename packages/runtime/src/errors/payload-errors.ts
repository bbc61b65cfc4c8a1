import { QueueRunError } from "./queue-run-error.js";

/** A payload that would not arrive as it was sent. */
export function payloadRefused(
  queueName: string,
  path: string,
  what: string,
  cause?: unknown,
): QueueRunError {
  const place = path === "" ? "The payload" : `payload${path.startsWith("[") ? "" : "."}${path}`;
  return new QueueRunError({
    code: "QR_INVALID_PAYLOAD",
    message: `${place} of a push to ${JSON.stringify(queueName)} is ${what}, which cannot travel in a message`,
    fix: "Send a JSON value, a string that is not empty, or a Buffer; to send nothing, call push() or push null",
    cause,
    details: { path, what },
  });
}
