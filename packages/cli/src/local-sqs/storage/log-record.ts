import { crc32 } from "node:zlib";
import type { StorageOperation } from "./storage.js";

/**
 * The log's records. Each is one batch: length of the payload and its CRC-32 (4 bytes each, big-endian), then the
 * payload: for each operation a byte (1 put, 0 delete), and key and value, each after its length in bytes. A record
 * without operations says that the log was finished.
 */

const HEADER_BYTES = 8;
const DELETE = 0;
const PUT = 1;
/** UTF-8 needs at most three bytes for each UTF-16 unit. */
const MAX_BYTES_PER_UNIT = 3;

let scratch = Buffer.allocUnsafe(64 * 1024);

/** The bytes of a batch's record; they are good until the next call. */
export function encodeLogRecord(batch: readonly StorageOperation[]): Buffer {
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
    if (operation.type === "put") at = writeText(operation.value, at);
  }
  const record = scratch.subarray(0, at);
  record.writeUInt32BE(at - HEADER_BYTES, 0);
  record.writeUInt32BE(crc32(record.subarray(HEADER_BYTES)), 4);
  // One large message must not hold its memory for ever.
  if (scratch.length > 4 * 1024 * 1024) scratch = Buffer.allocUnsafe(64 * 1024);
  return record;
}

/** A record that was read, and where the next one starts; null where there is no whole record. */
export function decodeLogRecord(
  bytes: Buffer,
  at: number,
): { batch: StorageOperation[]; end: number } | null {
  if (at + HEADER_BYTES > bytes.length) return null;
  const start = at + HEADER_BYTES;
  const end = start + bytes.readUInt32BE(at);
  if (end > bytes.length || crc32(bytes.subarray(start, end)) !== bytes.readUInt32BE(at + 4)) return null;
  const batch: StorageOperation[] = [];
  for (let next = start; next < end; ) {
    const type = bytes[next++];
    const key = readText(bytes, next);
    next = key.end;
    if (type === DELETE) {
      batch.push({ type: "del", key: key.text });
      continue;
    }
    const value = readText(bytes, next);
    next = value.end;
    batch.push({ type: "put", key: key.text, value: value.text, fresh: false });
  }
  return { batch, end };
}

function writeText(text: string, at: number): number {
  const length = scratch.write(text, at + 4);
  scratch.writeUInt32BE(length, at);
  return at + 4 + length;
}

function readText(bytes: Buffer, at: number): { text: string; end: number } {
  const end = at + 4 + bytes.readUInt32BE(at);
  return { text: bytes.toString("utf8", at + 4, end), end };
}
