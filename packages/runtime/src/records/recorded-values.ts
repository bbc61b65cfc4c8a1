import type { ErrorDescription } from "../errors/describe-error.js";
import { invalidProgress } from "../errors/record-errors.js";

/** Largest result that is recorded: an item of DynamoDB has 400 KB, the rest of a record included. */
const MAX_RESULT_BYTES = 256 * 1_024;
/** Largest progress: it is written often, and each time the whole record is paid for. */
const MAX_PROGRESS_BYTES = 16 * 1_024;
const MAX_ERROR_BYTES = 32 * 1_024;

/** @returns a result as JSON; a text in its place where it is too large, or no JSON */
export function resultText(result: unknown): string {
  const text = toJson(result);
  if (text === null) return '"RESULT_NOT_JSON"';
  return Buffer.byteLength(text) > MAX_RESULT_BYTES ? '"RESULT_TOO_LARGE"' : text;
}

/**
 * @returns a progress as JSON
 * @throws QR_INVALID_PROGRESS
 */
export function progressText(queueName: string, progress: unknown): string {
  const text = toJson(progress);
  if (text === null) throw invalidProgress(queueName, "it cannot be written as JSON");
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_PROGRESS_BYTES)
    throw invalidProgress(queueName, `it is ${bytes} bytes, and the limit is ${MAX_PROGRESS_BYTES}`);
  return text;
}

/** @returns an error as JSON, without its causes, its details and most of its stack where it would be too large */
export function errorText(error: ErrorDescription): string {
  const { name, message, stack } = error;
  const fewer: ErrorDescription[] = [
    error,
    { name, message, stack },
    { name: name.slice(0, 100), message: message.slice(0, 2_000), stack: stack?.slice(0, 4_000) ?? null },
  ];
  const texts = fewer.map((one) => JSON.stringify(one));
  return texts.find((text) => Buffer.byteLength(text) <= MAX_ERROR_BYTES) ?? texts.at(-1) ?? "";
}

/** @returns null for what JSON cannot carry; `undefined` is null's text */
function toJson(value: unknown): string | null {
  try {
    return JSON.stringify(value) ?? "null";
  } catch {
    return null;
  }
}
