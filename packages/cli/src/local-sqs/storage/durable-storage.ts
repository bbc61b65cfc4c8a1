import { existsSync, fdatasync, unlink } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { QueueRunError } from "@queue-run/runtime/errors";
import { localStoreCorrupt } from "../../errors/local-store-errors.js";
import { Database, type DatabaseOperation } from "./database.js";
import { LogFile, logName, logNumber, readLog } from "./log-file.js";
import { LogIndex } from "./log-index.js";
import { loggedValue } from "./log-record.js";
import type { Storage, StorageOperation } from "./storage.js";

/** Size at which the log's contents go into the database. */
const CHECKPOINT_BYTES = 32 * 1024 * 1024;
/** Operations of one write to the database: short enough not to be felt. */
const SLICE = 512;
/** The last log whose contents are in the database. */
const CHECKPOINT_KEY = "~checkpoint";

/**
 * The store on disk. A batch is one record, appended to a log by a synchronous write to the operating system: a few
 * microseconds, against fifty for a write to the database through a thread. When the log has grown, its net effect goes
 * into a LevelDB database in the background, so that a message that was deleted meanwhile never gets there.
 */
export class DurableStorage implements Storage {
  readonly location: string;
  readonly #database: Database;
  readonly #checkpointBytes: number;
  #log: LogFile;
  /** What the present log holds, and what a checkpoint is bringing into the database. */
  #index = new LogIndex();
  #checkpointing: { log: LogFile; index: LogIndex; done: Promise<void> } | null = null;
  #failure: unknown = null;
  #closed = false;

  private constructor(location: string, database: Database, log: LogFile, checkpointBytes: number) {
    this.location = location;
    this.#database = database;
    this.#log = log;
    this.#checkpointBytes = checkpointBytes;
  }

  /**
   * Opens the store in a folder of its own, which is made if it is missing. Throws QR_LOCAL_STORE_LOCKED,
   * QR_LOCAL_STORE_CORRUPT or QR_LOCAL_STORE_UNAVAILABLE.
   */
  static async open(directory: string, { checkpointBytes = CHECKPOINT_BYTES } = {}): Promise<DurableStorage> {
    const database = await Database.open(join(directory, "database"));
    try {
      const log = await replayLogs(directory, database);
      return new DurableStorage(directory, database, log, checkpointBytes);
    } catch (error) {
      await database.close();
      throw localStoreCorrupt(directory, error);
    }
  }

  read(key: string): string | undefined {
    const valueAt = this.#index.find(key);
    if (valueAt !== undefined) return valueAt === null ? undefined : this.#log.readValue(valueAt);
    const before = this.#checkpointing;
    const valueBefore = before?.index.find(key);
    if (before === null || valueBefore === undefined) return this.#database.read(key);
    return valueBefore === null ? undefined : before.log.readValue(valueBefore);
  }

  async *entries(from: string, to: string): AsyncIterable<[string, string][]> {
    await this.#checkpointing?.done;
    if (this.#index.size > 0) await this.#checkpoint();
    yield* this.#database.entries(from, to);
  }

  async write(batch: readonly StorageOperation[]): Promise<void> {
    if (this.#failure) throw this.#failure;
    const valuesAt = this.#log.append(batch);
    let puts = 0;
    for (const operation of batch) {
      if (operation.type === "del") this.#index.delete(operation.key);
      else this.#index.put(operation.key, valuesAt[puts++] ?? 0, operation.fresh);
    }
    if (this.#log.size >= this.#checkpointBytes && !this.#checkpointing) this.#checkpoint().catch(() => {});
  }

  async clear(from: string, to: string): Promise<void> {
    await this.#checkpointing?.done;
    this.#index.forget(from, to);
    await this.#database.clear(from, to);
  }

  /** Waits for a checkpoint under way; writes nothing. Closing again does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#checkpointing?.done.catch(() => {});
    this.#checkpointing?.log.close();
    this.#log.close();
    await this.#database.close();
  }

  /** Starts a new log, and brings what the old one holds into the database. Its failure fails all writes from then on. */
  #checkpoint(): Promise<void> {
    const log = this.#log;
    const index = this.#index;
    log.finish();
    this.#log = new LogFile(this.location, log.number + 1);
    this.#index = new LogIndex();
    const done = bringIn(this.#database, log, index).then(
      () => {
        this.#checkpointing = null;
        log.close();
      },
      (error: unknown) => {
        // The log is read until the store is closed.
        this.#failure = error;
        throw error;
      },
    );
    this.#checkpointing = { log, index, done };
    return done;
  }
}

/** Removes a store, also one that cannot be read. Throws QR_LOCAL_STORE_LOCKED when another server uses it. */
export async function removeDurableStorage(directory: string): Promise<void> {
  if (!existsSync(directory)) return;
  try {
    const database = await Database.open(join(directory, "database"));
    await database.close();
  } catch (error) {
    if (error instanceof QueueRunError && error.code === "QR_LOCAL_STORE_LOCKED") throw error;
  }
  await rm(directory, { recursive: true, force: true });
}

/**
 * The log is on the disk before the database has any of it, and the database before the log goes: after a loss of power
 * there is a prefix of the history, whatever the order in which the system wrote.
 */
async function bringIn(database: Database, log: LogFile, index: LogIndex): Promise<void> {
  await promisify(fdatasync)(log.fd);
  await writeAll(database, index, await readFile(log.path));
  await setCheckpoint(database, log.number);
  await promisify(unlink)(log.path);
}

/** @param bytes - the log that the index is of */
async function writeAll(database: Database, index: LogIndex, bytes: Buffer): Promise<void> {
  let slice: DatabaseOperation[] = [];
  for (const [key, valueAt] of index.entries()) {
    if (valueAt === null) slice.push({ type: "del", key });
    else slice.push({ type: "put", key, value: loggedValue(bytes, valueAt) });
    if (slice.length < SLICE) continue;
    await database.write(slice, { sync: false });
    slice = [];
  }
  if (slice.length > 0) await database.write(slice, { sync: false });
}

async function setCheckpoint(database: Database, logNumber: number): Promise<void> {
  await database.write([{ type: "put", key: CHECKPOINT_KEY, value: Buffer.from(String(logNumber)) }], {
    sync: true,
  });
}

/** Brings what the last process left in its logs into the database, and starts a new log. */
async function replayLogs(directory: string, database: Database): Promise<LogFile> {
  const stored = database.read(CHECKPOINT_KEY);
  const checkpoint = Number(stored ?? 0);
  const numbers = (await readdir(directory)).map(logNumber).filter((number) => number !== null);
  numbers.sort((a, b) => a - b);
  let last = checkpoint;
  let finished = true;
  for (const number of numbers.filter((other) => other > checkpoint)) {
    // After a loss of power, what follows a log that was not finished is no part of the prefix.
    if (finished) {
      if (number !== last + 1) throw new Error(`${join(directory, logName(last + 1))} is missing`);
      finished = await replay(join(directory, logName(number)), database);
    }
    last = number;
  }
  // A store always has the log that it was last written to.
  if (stored !== undefined && last === checkpoint)
    throw new Error(`${join(directory, logName(last + 1))} is missing`);
  const log = new LogFile(directory, last + 1);
  await setCheckpoint(database, last);
  for (const number of numbers) await rm(join(directory, logName(number)));
  return log;
}

/** Returns whether the log was finished. */
async function replay(path: string, database: Database): Promise<boolean> {
  const { batches, finished, bytes } = readLog(path);
  const index = new LogIndex();
  for (const operation of batches.flat()) {
    if (operation.type === "del") index.delete(operation.key);
    else index.put(operation.key, operation.valueAt, false);
  }
  await writeAll(database, index, bytes);
  return finished;
}
