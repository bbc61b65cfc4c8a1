import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DurableStorage, removeDurableStorage } from "./durable-storage.js";
import { LogFile, logNumber, readLog } from "./log-file.js";
import type { Storage, StorageOperation } from "./storage.js";

let directory: string;
let opened: Storage[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "queue-run-store-"));
  opened = [];
});

afterEach(async () => {
  for (const storage of opened) await storage.close().catch(() => {});
  await rm(directory, { recursive: true, force: true });
});

const put = (key: string, value: string, fresh = false): StorageOperation => ({
  type: "put",
  key,
  value,
  fresh,
});
const del = (key: string): StorageOperation => ({ type: "del", key });

async function open(options?: { checkpointBytes?: number }): Promise<DurableStorage> {
  const storage = await DurableStorage.open(directory, options);
  opened.push(storage);
  return storage;
}

async function contents(storage: Storage): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for await (const page of storage.entries("a", "z")) for (const [key, value] of page) found[key] = value;
  return found;
}

/**
 * Leaves the files as a killed process does: closing writes nothing. (Real processes, killed in the middle of a
 * checkpoint, are in test/simulation.)
 */
async function afterKill(storage: Storage): Promise<void> {
  await storage.close();
}

const lastLog = () => {
  const logs = readdirSync(directory).filter((name) => name.startsWith("log-"));
  return join(directory, logs.sort().at(-1) ?? "");
};

describe("what is written", () => {
  test("is there after the process was killed", async () => {
    const storage = await open();
    await storage.write([put("k", "v"), put("gone", "v")]);
    await storage.write([put("k", "ü\n\u{1f600}"), del("gone")]);
    await afterKill(storage);
    expect(await contents(await open())).toEqual({ k: "ü\n\u{1f600}" });
  });

  test("is there after checkpoints, while and after they run, and after restarts between them", async () => {
    const expected: Record<string, string> = {};
    let storage = await open({ checkpointBytes: 2_000 });
    for (let round = 0; round < 5; round++) {
      for (let index = 0; index < 100; index++) {
        const key = `k${(round * 37 + index * 11) % 150}`;
        if (index % 7 === 3) {
          delete expected[key];
          await storage.write([del(key)]);
        } else {
          expected[key] = `${round}/${index}`;
          await storage.write([put(key, `${round}/${index}`)]);
        }
        expect(storage.read(key)).toBe(expected[key]);
      }
      await afterKill(storage);
      storage = await open({ checkpointBytes: 2_000 });
      for (let key = 0; key < 150; key++) expect(storage.read(`k${key}`)).toBe(expected[`k${key}`]);
      expect(await contents(storage)).toEqual(expected);
    }
  });

  test("is there when checkpoints have ended, and the process is killed then", async () => {
    const storage = await open({ checkpointBytes: 300 });
    for (let index = 0; index < 30; index++) {
      await storage.write([put(`k${index}`, "v".repeat(50))]);
      // Reading through waits for the checkpoint.
      if (index % 10 === 9) await contents(storage);
    }
    await storage.write([put("last", "v")]);
    await afterKill(storage);
    expect(Object.keys(await contents(await open()))).toHaveLength(31);
  });

  test("leaves no trace of a fresh key that is removed again", async () => {
    const storage = await open();
    await storage.write([put("k", "1", true)]);
    await storage.write([put("k", "2")]);
    await storage.write([del("k")]);
    expect(storage.read("k")).toBeUndefined();
    await afterKill(storage);
    expect(await contents(await open())).toEqual({});
  });

  test("a range can be cleared", async () => {
    const storage = await open({ checkpointBytes: 100 });
    for (let index = 0; index < 10; index++) await storage.write([put(`k${index}`, "v".repeat(30))]);
    await storage.clear("k3", "k9");
    expect(storage.read("k3")).toBeUndefined();
    expect(Object.keys(await contents(storage))).toEqual(["k0", "k1", "k2", "k9"]);
  });
});

describe("after a loss of power", () => {
  test("a log that was cut opens at a prefix of whole batches, wherever it was cut", async () => {
    const storage = await open();
    for (let index = 0; index < 5; index++)
      await storage.write([put(`a${index}`, "x"), put(`b${index}`, "y")]);
    await afterKill(storage);
    const whole = readFileSync(lastLog());
    const counts = new Set<number>();
    for (let length = whole.length; length >= 0; length -= 7) {
      writeFileSync(lastLog(), whole);
      truncateSync(lastLog(), length);
      const { batches } = readLog(lastLog());
      counts.add(batches.length);
      batches.forEach((batch, index) => {
        expect(batch.map((operation) => operation.key)).toEqual([`a${index}`, `b${index}`]);
      });
    }
    expect([...counts].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("a log that was cut is the end: the one that follows it is no part of the prefix", async () => {
    await afterKill(await open());
    const number = logNumber(basename(lastLog())) ?? 0;
    await rm(lastLog());
    const first = new LogFile(directory, number);
    for (let index = 0; index < 5; index++) first.append([put(`k${index}`, "v".repeat(50))]);
    first.finish();
    first.close();
    const second = new LogFile(directory, number + 1);
    second.append([put("k9", "v")]);
    second.close();
    // The mark of its end, and a part of its last record.
    truncateSync(first.path, readFileSync(first.path).length - 20);
    expect(Object.keys(await contents(await open()))).toEqual(["k0", "k1", "k2", "k3"]);
  });

  test("a tail of zeros is no damage", async () => {
    const storage = await open();
    await storage.write([put("k", "v")]);
    await afterKill(storage);
    writeFileSync(lastLog(), Buffer.concat([readFileSync(lastLog()), Buffer.alloc(4096)]));
    expect(await contents(await open())).toEqual({ k: "v" });
  });
});

describe("a store that cannot be read is an error that names --fresh", () => {
  async function storeWithCheckpoints(): Promise<void> {
    const storage = await open({ checkpointBytes: 500 });
    for (let index = 0; index < 60; index++) await storage.write([put(`k${index}`, "v".repeat(50))]);
    await contents(storage);
    for (let index = 0; index < 6; index++) await storage.write([put(`m${index}`, "v".repeat(50))]);
    await afterKill(storage);
  }

  const overwriteMiddle = (path: string) => {
    const bytes = readFileSync(path);
    bytes.fill(0xa5, Math.floor(bytes.length / 3), Math.floor(bytes.length / 2));
    writeFileSync(path, bytes);
  };

  const databaseFile = (pattern: RegExp) => {
    const name = readdirSync(join(directory, "database")).find((file) => pattern.test(file));
    return join(directory, "database", name ?? "missing");
  };

  test.each<[string, () => void | Promise<void>]>([
    ["a damaged log", () => overwriteMiddle(lastLog())],
    ["a log of something else", () => writeFileSync(lastLog(), "not a log at all, but long enough")],
    ["a missing log", () => rm(lastLog())],
    ["a damaged CURRENT", () => writeFileSync(databaseFile(/^CURRENT$/), "garbage")],
    ["a missing CURRENT", () => rm(databaseFile(/^CURRENT$/))],
    ["a damaged MANIFEST", () => writeFileSync(databaseFile(/^MANIFEST/), "garbage")],
    ["a damaged database log", () => overwriteMiddle(databaseFile(/\.log$/))],
    ["a missing database log", () => rm(databaseFile(/\.log$/))],
    ["a missing database", () => rm(join(directory, "database"), { recursive: true })],
  ])("%s", async (_name, damage) => {
    await storeWithCheckpoints();
    await damage();
    await expect(open()).rejects.toMatchObject({
      code: "QR_LOCAL_STORE_CORRUPT",
      fix: expect.stringContaining("--fresh"),
    });
    await removeDurableStorage(directory);
    expect(await contents(await open())).toEqual({});
  });

  test("a hole in LevelDB's own log, of which LevelDB says nothing", async () => {
    const storage = await open({ checkpointBytes: 40_000 });
    for (let index = 0; index < 400; index++) {
      await storage.write([put(`k${index}`, String(index).repeat(300))]);
      if (index % 40 === 39) await contents(storage);
    }
    await afterKill(storage);
    const path = databaseFile(/\.log$/);
    const bytes = readFileSync(path);
    expect(bytes.length).toBeGreaterThan(200_000);
    bytes.fill(0xa5, 70_000, 70_100);
    writeFileSync(path, bytes);
    await expect(open()).rejects.toMatchObject({ code: "QR_LOCAL_STORE_CORRUPT" });
  });

  test("a first log that is missing", async () => {
    const storage = await open();
    await storage.write([put("k", "v")]);
    await afterKill(storage);
    await rm(lastLog());
    await expect(open()).rejects.toMatchObject({ code: "QR_LOCAL_STORE_CORRUPT" });
  });
});

describe("a store that another server has open", () => {
  test("is an error that says so, and is not removed", async () => {
    const storage = await open();
    await storage.write([put("k", "v")]);
    await expect(open()).rejects.toMatchObject({ code: "QR_LOCAL_STORE_LOCKED" });
    await expect(removeDurableStorage(directory)).rejects.toMatchObject({ code: "QR_LOCAL_STORE_LOCKED" });
    expect(existsSync(lastLog())).toBe(true);
    expect(storage.read("k")).toBe("v");
  });
});

test("a folder that cannot be made is an error that says so", async () => {
  writeFileSync(join(directory, "file"), "");
  await expect(DurableStorage.open(join(directory, "file", "store"))).rejects.toMatchObject({
    code: "QR_LOCAL_STORE_UNAVAILABLE",
  });
});
