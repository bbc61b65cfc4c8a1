import { existsSync, fdatasync, unlink } from "node:fs";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { QueueRunError } from "@queue-run/runtime/errors";
import { localStoreCorrupt } from "../../errors/local-store-errors.js";
import { Database } from "./database.js";
import { LogFile, logName, logNumber, readLog } from "./log-file.js";
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
  #recent = new Map<string, StorageOperation>();
  #checkpointing: { entries: Map<string, StorageOperation>; done: Promise<void> } | null = null;
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
    const operation = this.#recent.get(key) ?? this.#checkpointing?.entries.get(key);
    if (operation) return operation.type === "put" ? operation.value : undefined;
    return this.#database.read(key);
  }

  async *entries(from: string, to: string): AsyncIterable<[string, string][]> {
    await this.#checkpointing?.done;
    if (this.#recent.size > 0) await this.#checkpoint();
    yield* this.#database.entries(from, to);
  }

  async write(batch: readonly StorageOperation[]): Promise<void> {
    if (this.#failure) throw this.#failure;
    this.#log.append(batch);
    for (const operation of batch) remember(this.#recent, operation);
    if (this.#log.size >= this.#checkpointBytes && !this.#checkpointing) this.#checkpoint().catch(() => {});
  }

  async clear(from: string, to: string): Promise<void> {
    await this.#checkpointing?.done;
    for (const key of this.#recent.keys()) if (key >= from && key < to) this.#recent.delete(key);
    await this.#database.clear(from, to);
  }

  /** Waits for a checkpoint under way; writes nothing. Closing again does nothing. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#checkpointing?.done.catch(() => {});
    this.#log.close();
    await this.#database.close();
  }

  /** Starts a new log, and brings what the old one holds into the database. Its failure fails all writes from then on. */
  #checkpoint(): Promise<void> {
    const finished = this.#log;
    const entries = this.#recent;
    finished.finish();
    this.#log = new LogFile(this.location, finished.number + 1);
    this.#recent = new Map();
    const done = bringIn(this.#database, finished, entries).then(
      () => {
        this.#checkpointing = null;
      },
      (error: unknown) => {
        this.#failure = error;
        throw error;
      },
    );
    this.#checkpointing = { entries, done };
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

/** Keeps the net effect: a key that was new in this log and is removed again was never there. */
function remember(recent: Map<string, StorageOperation>, operation: StorageOperation): void {
  if (operation.type === "put" && operation.fresh) {
    recent.set(operation.key, operation);
    return;
  }
  const before = recent.get(operation.key);
  const wasFresh = before?.type === "put" && before.fresh;
  if (!wasFresh) recent.set(operation.key, operation);
  else if (operation.type === "del") recent.delete(operation.key);
  else before.value = operation.value;
}

/**
 * The log is on the disk before the database has any of it, and the database before the log goes: after a loss of power
 * there is a prefix of the history, whatever the order in which the system wrote.
 */
async function bringIn(
  database: Database,
  log: LogFile,
  entries: Map<string, StorageOperation>,
): Promise<void> {
  try {
    await promisify(fdatasync)(log.fd);
  } finally {
    log.close();
  }
  const operations = [...entries.values()];
  for (let start = 0; start < operations.length; start += SLICE) {
    await database.write(operations.slice(start, start + SLICE), { sync: false });
  }
  await setCheckpoint(database, log.number);
  await promisify(unlink)(log.path);
}

async function setCheckpoint(database: Database, logNumber: number): Promise<void> {
  await database.write([{ type: "put", key: CHECKPOINT_KEY, value: String(logNumber), fresh: false }], {
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
  const { batches, finished } = readLog(path);
  const entries = new Map<string, StorageOperation>();
  for (const batch of batches) for (const operation of batch) remember(entries, operation);
  const operations = [...entries.values()];
  for (let start = 0; start < operations.length; start += SLICE) {
    await database.write(operations.slice(start, start + SLICE), { sync: false });
  }
  return finished;
}
