import { crc32 } from "node:zlib";
import type { StorageOperation } from "./storage.js";

/**
 * The log's records. Each is one batch: length of the payload and its CRC-32 (4 bytes each, big-endian), then the
 * payload: for each operation a byte (1 put, 0 delete), and key and value, each after its length in bytes. A record
 * without operations says that the log was finished.
 */

const HEADER_BYTES = 8;
/** Before each key and value. */
export const LENGTH_BYTES = 4;
const DELETE = 0;
const PUT = 1;
/** UTF-8 needs at most three bytes for each UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;

let scratch = Buffer.allocUnsafe(64 * 1024);

/** An operation as a log has it. `valueAt`: where in the log its value starts, with the value's length before it. */
export type LoggedOperation = { type: "put"; key: string; valueAt: number } | { type: "del"; key: string };

/**
 * The bytes of a batch's record; they are good until the next call.
 *
 * @param onPut - told of each put, in order, and where in the record its value starts
 */
export function encodeLogRecord(
  batch: readonly StorageOperation[],
  onPut: (valueAt: number) => void,
): Buffer {
  let needed = HEADER_BYTES;
  for (const operation of batch) {
    const units = operation.key.length + (operation.type === "put" ? operation.value.length : 0);
    needed += 9 + units * MAX_BYTES_PER_UNIT;
  }
  if (scratch.length < needed) scratch = Buffer.allocUnsafe(2 * needed);
  let at = HEADER_BYTES;
  for (const operation of batch) {
    scratch[at++] = operation.type === "put" ? PUT : DELETE;
    at = writeText(operation.key, at);
    if (operation.type === "del") continue;
    onPut(at);
    at = writeText(operation.value, at);
  }
  const record = scratch.subarray(0, at);
  record.writeUInt32BE(at - HEADER_BYTES, 0);
  record.writeUInt32BE(crc32(record.subarray(HEADER_BYTES)), 4);
  // One large message must not hold its memory for ever.
  if (scratch.length > 4 * 1024 * 1024) scratch = Buffer.allocUnsafe(64 * 1024);
  return record;
}

/** A record that was read, and where the next one starts; null where there is no whole record. */
export function decodeLogRecord(bytes: Buffer, at: number): { batch: LoggedOperation[]; end: number } | null {
  if (at + HEADER_BYTES > bytes.length) return null;
  const start = at + HEADER_BYTES;
  const end = start + bytes.readUInt32BE(at);
  if (end > bytes.length || crc32(bytes.subarray(start, end)) !== bytes.readUInt32BE(at + 4)) return null;
  const batch: LoggedOperation[] = [];
  for (let next = start; next < end; ) {
    const type = bytes[next++];
    const keyEnd = endOf(bytes, next);
    const key = bytes.toString("utf8", next + LENGTH_BYTES, keyEnd);
    next = keyEnd;
    if (type === DELETE) {
      batch.push({ type: "del", key });
    } else {
      batch.push({ type: "put", key, valueAt: next });
      next = endOf(bytes, next);
    }
  }
  return { batch, end };
}

/** The bytes of the value that starts at `valueAt` of a log: a part of `bytes`, which is all of it. */
export function loggedValue(bytes: Buffer, valueAt: number): Buffer {
  return bytes.subarray(valueAt + LENGTH_BYTES, endOf(bytes, valueAt));
}

function writeText(text: string, at: number): number {
  const length = scratch.write(text, at + LENGTH_BYTES);
  scratch.writeUInt32BE(length, at);
  return at + LENGTH_BYTES + length;
}

/** Where a key or value ends that starts, with its length, at `at`. */
function endOf(bytes: Buffer, at: number): number {
  return at + LENGTH_BYTES + bytes.readUInt32BE(at);
}
