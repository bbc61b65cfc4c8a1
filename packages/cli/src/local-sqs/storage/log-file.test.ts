import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { LogFile, logName, logNumber, readLog } from "./log-file.js";
import { loggedValue } from "./log-record.js";
import type { StorageOperation } from "./storage.js";

const disk = vi.hoisted(() => ({ full: false, shortWrites: false }));

/** A disk that fills up in the middle of a write, or takes less than it is given. */
vi.mock("node:fs", async (importOriginal) => {
  const fs = await importOriginal<typeof import("node:fs")>();
  const writeSync = (
    fd: number,
    bytes: Buffer,
    offset = 0,
    length = bytes.length - offset,
    position: number | null = null,
  ) => {
    if (!disk.full && !disk.shortWrites) return fs.writeSync(fd, bytes, offset, length, position);
    const written = fs.writeSync(fd, bytes, offset, Math.ceil(length / 2), position);
    if (disk.full)
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    return written;
  };
  return { ...fs, writeSync };
});

let directory: string;
const put = (key: string, value: string): StorageOperation => ({ type: "put", key, value, fresh: false });

/** What a log holds, with its values. */
function contents(path: string) {
  const { batches, finished, bytes } = readLog(path);
  const withValues = batches.map((batch) =>
    batch.map((operation) =>
      operation.type === "del"
        ? operation
        : put(operation.key, loggedValue(bytes, operation.valueAt).toString()),
    ),
  );
  return { batches: withValues, finished };
}

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "queue-run-log-"));
});
afterEach(() => {
  disk.full = false;
  disk.shortWrites = false;
  rmSync(directory, { recursive: true, force: true });
});

test("a write that fails half-way leaves nothing behind", () => {
  const log = new LogFile(directory, 1);
  log.append([put("kept", "v")]);
  const before = readFileSync(log.path);
  disk.full = true;
  expect(() => log.append([put("refused", "v".repeat(1_000))])).toThrow("ENOSPC");
  disk.full = false;
  expect(readFileSync(log.path).equals(before)).toBe(true);
  log.append([put("after", "v")]);
  log.close();
  expect(contents(log.path)).toEqual({ batches: [[put("kept", "v")], [put("after", "v")]], finished: false });
});

test("a write that takes less than it was given goes on with the rest", () => {
  const log = new LogFile(directory, 1);
  disk.shortWrites = true;
  log.append([put("k", "v".repeat(1_000)), { type: "del", key: "gone" }]);
  log.finish();
  log.close();
  expect(contents(log.path)).toEqual({
    batches: [[put("k", "v".repeat(1_000)), { type: "del", key: "gone" }]],
    finished: true,
  });
});

test("values are read back from where they were put, also those of more than a page", () => {
  const log = new LogFile(directory, 1);
  const long = "\u{1f600}".repeat(5_000);
  const [short = 0, second = 0] = log.append([put("k", "v"), { type: "del", key: "gone" }, put("l", long)]);
  const [last = 0] = log.append([put("m", "")]);
  expect([last, second, short].map((at) => log.readValue(at))).toEqual(["", long, "v"]);
  log.close();
});

describe("reading", () => {
  test("a bit that has turned over in any record but the last is damage; in the last, a batch that was not written", () => {
    const log = new LogFile(directory, 1);
    for (const key of ["a", "b", "c"]) log.append([put(key, "v".repeat(20))]);
    log.close();
    const good = readFileSync(log.path);
    const recordBytes = (good.length - "queue-run log 1\n".length) / 3;
    for (let at = good.length - 3 * recordBytes; at < good.length; at++) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ 0x10;
      writeFileSync(log.path, bad);
      if (at < good.length - recordBytes) expect(() => readLog(log.path), `byte ${at}`).toThrow("damaged");
      else expect(readLog(log.path).batches, `byte ${at}`).toHaveLength(2);
    }
  });

  test("a file of another kind is no log", () => {
    writeFileSync(join(directory, "file"), "something else, and long enough for it");
    expect(() => readLog(join(directory, "file"))).toThrow("not a log");
  });
});

test("a log's number is in its name", () => {
  expect(logNumber(logName(42))).toBe(42);
  expect(["database", "log-1", "log-00000000xx", ".log-0000000001"].map(logNumber)).toEqual([
    null,
    null,
    null,
    null,
  ]);
});
