import { mkdir, readdir } from "node:fs/promises";
import { ClassicLevel } from "classic-level";
import {
  localStoreCorrupt,
  localStoreLocked,
  localStoreUnavailable,
} from "../../errors/local-store-errors.js";

/** Entries of a page when the database is read through. */
const PAGE = 1000;
/** What LevelDB gathers, and has in its own log, before it sorts it into files. */
const WRITE_BUFFER_BYTES = 8 * 1024 * 1024;
/** Every write leaves a numbered mark, and so many are kept: more writes than LevelDB's own log can hold. */
const MARKS = 1024;
const markKey = (number: number) => `~mark/${number % MARKS}`;

/** Values are UTF-8. */
export type DatabaseOperation = { type: "put"; key: string; value: Buffer } | { type: "del"; key: string };

const AS_BYTES = { valueEncoding: "buffer" } as const;

/** Bounds of keys, as LevelDB takes them. */
export type DatabaseRange = { gt?: string; gte?: string; lt?: string; lte?: string; reverse?: boolean };

/**
 * The LevelDB database under the log. LevelDB drops what it cannot read of its own log without a word, so that every
 * write carries a mark, and a gap in the marks tells.
 */
export class Database {
  readonly #level: ClassicLevel<string, string>;
  #lastMark: number;

  private constructor(level: ClassicLevel<string, string>, lastMark: number) {
    this.#level = level;
    this.#lastMark = lastMark;
  }

  /** Throws QR_LOCAL_STORE_LOCKED, QR_LOCAL_STORE_CORRUPT or QR_LOCAL_STORE_UNAVAILABLE. */
  static async open(directory: string): Promise<Database> {
    let files: string[];
    try {
      await mkdir(directory, { recursive: true });
      files = await readdir(directory);
    } catch (error) {
      throw localStoreUnavailable(directory, error);
    }
    const level = new ClassicLevel<string, string>(directory, {
      createIfMissing: !files.some(isDatabaseFile),
      writeBufferSize: WRITE_BUFFER_BYTES,
    });
    try {
      await level.open();
    } catch (error) {
      await level.close();
      throw openingError(directory, error);
    }
    try {
      return new Database(level, await lastMark(level));
    } catch (error) {
      await level.close();
      throw localStoreCorrupt(directory, error);
    }
  }

  read(key: string): string | undefined {
    return this.#level.getSync(key);
  }

  /** @param sync - resolves only when the disk has it, and all that was written before */
  async write(batch: readonly DatabaseOperation[], { sync }: { sync: boolean }): Promise<void> {
    const number = ++this.#lastMark;
    // Half the cost of an array of operations.
    const chained = this.#level.batch();
    for (const operation of batch) {
      if (operation.type === "put") chained.put<string, Buffer>(operation.key, operation.value, AS_BYTES);
      else chained.del(operation.key);
    }
    chained.put(markKey(number), String(number));
    await chained.write({ sync });
  }

  async *entries(from: string, to: string): AsyncIterable<[string, string][]> {
    const iterator = this.#level.iterator({ gte: from, lt: to, fillCache: false });
    try {
      for (let page = await iterator.nextv(PAGE); page.length > 0; page = await iterator.nextv(PAGE))
        yield page;
    } finally {
      await iterator.close();
    }
  }

  async *values(range: DatabaseRange): AsyncIterable<string[]> {
    const iterator = this.#level.values({ ...range, fillCache: false });
    try {
      for (let page = await iterator.nextv(PAGE); page.length > 0; page = await iterator.nextv(PAGE))
        yield page;
    } finally {
      await iterator.close();
    }
  }

  async clear(from: string, to: string): Promise<void> {
    await this.#level.clear({ gte: from, lt: to });
  }

  async close(): Promise<void> {
    await this.#level.close();
  }
}

/** LevelDB makes a new database where its file CURRENT is missing, whatever else is there. */
const isDatabaseFile = (name: string) => /\.(ldb|sst|log)$|^(CURRENT$|MANIFEST-)/.test(name);

async function lastMark(level: ClassicLevel<string, string>): Promise<number> {
  const marks = new Set<number>();
  for (const value of await level.values({ gte: "~mark/", lt: "~mark0" }).all()) marks.add(Number(value));
  const last = Math.max(0, ...marks);
  for (let number = Math.max(1, last - MARKS + 1); number <= last; number++) {
    if (!marks.has(number)) throw new Error("the database has lost part of what was written to it");
  }
  return last;
}

function openingError(directory: string, error: unknown): Error {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "LEVEL_LOCKED") return localStoreLocked(directory, cause);
  const unavailable = /permission denied|read-only|no space/i.test(String(cause));
  return unavailable ? localStoreUnavailable(directory, cause) : localStoreCorrupt(directory, cause);
}
