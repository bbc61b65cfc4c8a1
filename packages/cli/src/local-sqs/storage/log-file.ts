import { closeSync, ftruncateSync, openSync, readFileSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import { decodeLogRecord, encodeLogRecord, LENGTH_BYTES, type LoggedOperation } from "./log-record.js";
import type { StorageOperation } from "./storage.js";

/** The first bytes of a log. */
const MAGIC = Buffer.from("queue-run log 1\n");

/** Most values are found whole in so many bytes. */
const page = Buffer.allocUnsafe(4096);

/** A log that is being written: batches, one record each, in order. */
export class LogFile {
  readonly path: string;
  readonly number: number;
  readonly fd: number;
  #size = MAGIC.length;

  /** Makes a new log. @param number - numbers grow, and are never used again */
  constructor(directory: string, number: number) {
    this.path = join(directory, logName(number));
    this.number = number;
    this.fd = openSync(this.path, "wx+");
    writeSync(this.fd, MAGIC);
  }

  /** Bytes written. */
  get size(): number {
    return this.#size;
  }

  /**
   * Gives a batch to the operating system. What a failed call wrote is cut off again.
   *
   * @returns where each put's value is, in order, for `readValue`
   */
  append(batch: readonly StorageOperation[]): number[] {
    const valuesAt: number[] = [];
    const record = encodeLogRecord(batch, (at) => valuesAt.push(this.#size + at));
    try {
      for (let written = 0; written < record.length; ) {
        written += writeSync(this.fd, record, written, record.length - written, this.#size + written);
      }
    } catch (error) {
      try {
        ftruncateSync(this.fd, this.#size);
      } catch {
        // The reader stops at a record that is not whole.
      }
      throw error;
    }
    this.#size += record.length;
    return valuesAt;
  }

  /** A value that was appended. Synchronous: it comes from the operating system's page cache. */
  readValue(valueAt: number): string {
    const read = readSync(this.fd, page, 0, page.length, valueAt);
    const length = page.readUInt32BE(0);
    if (LENGTH_BYTES + length <= read) return page.toString("utf8", LENGTH_BYTES, LENGTH_BYTES + length);
    const bytes = Buffer.allocUnsafe(length);
    readSync(this.fd, bytes, 0, length, valueAt + LENGTH_BYTES);
    return bytes.toString();
  }

  /** Marks the end: a log that has another one after it must have it. */
  finish(): void {
    this.append([]);
  }

  close(): void {
    closeSync(this.fd);
  }
}

export const logName = (number: number) => `log-${String(number).padStart(10, "0")}`;

/** The number of a log by its file's name; null for any other file. */
export function logNumber(fileName: string): number | null {
  const match = /^log-(\d{10})$/.exec(fileName);
  return match ? Number(match[1]) : null;
}

/**
 * Reads a log. A record that is not whole at its end is what a loss of power leaves: all before it counts. One in the
 * middle is a damaged disk: throws.
 *
 * @returns the batches, whether the log was finished, and its bytes, where the values are
 */
export function readLog(path: string): {
  batches: LoggedOperation[][];
  finished: boolean;
  bytes: Buffer;
} {
  const bytes = readFileSync(path);
  const batches: LoggedOperation[][] = [];
  if (bytes.length < MAGIC.length) {
    if (MAGIC.subarray(0, bytes.length).equals(bytes) || bytes.every((byte) => byte === 0))
      return { batches, finished: false, bytes };
  }
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC))
    throw new Error(`${path} is not a log of queue-run, or is damaged`);
  let at = MAGIC.length;
  for (let record = decodeLogRecord(bytes, at); record; record = decodeLogRecord(bytes, at)) {
    if (record.batch.length === 0) return { batches, finished: true, bytes };
    batches.push(record.batch);
    at = record.end;
  }
  if (hasRecordAfter(bytes, at))
    throw new Error(`${path} is damaged at byte ${at}: whole records follow a broken one`);
  return { batches, finished: false, bytes };
}

/** Whether some whole record with operations starts after `from`: looked for at every byte. */
function hasRecordAfter(bytes: Buffer, from: number): boolean {
  for (let at = from + 1; at + 8 < bytes.length; at++) {
    const length = bytes.readUInt32BE(at);
    // The least: a deletion with a key of one byte.
    if (length < 6 || at + 8 + length > bytes.length) continue;
    const type = bytes[at + 8];
    if (type !== 0 && type !== 1) continue;
    if (bytes.readUInt32BE(at + 9) > length || !isRecord(bytes, at)) continue;
    return true;
  }
  return false;
}

function isRecord(bytes: Buffer, at: number): boolean {
  try {
    return decodeLogRecord(bytes, at) !== null;
  } catch {
    return false;
  }
}
