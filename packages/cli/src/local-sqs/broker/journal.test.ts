import { describe, expect, test } from "vitest";
import { createTestClock } from "../../clock/test-clock.js";
import { MemoryStorage } from "../storage/memory-storage.js";
import type { StorageOperation } from "../storage/storage.js";
import { createBroker } from "./create-broker.js";

/** A store whose writes wait until they are let through, or refused. */
class GatedStorage extends MemoryStorage {
  readonly batches: (readonly StorageOperation[])[] = [];
  /** Ends the oldest write under way. */
  readonly gates: ((error?: Error) => void)[] = [];
  gated = false;

  override async write(batch: readonly StorageOperation[]): Promise<void> {
    this.batches.push(batch);
    if (this.gated) {
      await new Promise<void>((resolve, reject) => {
        this.gates.push((error) => (error ? reject(error) : resolve()));
      });
    }
    await super.write(batch);
  }
}

async function start() {
  const storage = new GatedStorage();
  const broker = await createBroker({ clock: createTestClock(), storage });
  await broker.createQueue("q", {}, {});
  storage.gated = true;
  storage.batches.length = 0;
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  return { storage, broker, turn };
}

/** Whether a promise has been settled. */
function watch(promise: Promise<unknown>): { settled: boolean } {
  const state = { settled: false };
  promise.then(
    () => {
      state.settled = true;
    },
    () => {
      state.settled = true;
    },
  );
  return state;
}

test("what a turn changes, and the delivery that it causes, is one batch; nothing is answered before it is written", async () => {
  const { storage, broker, turn } = await start();
  const received = watch(broker.receive("q", { maxMessages: 10, waitTimeSeconds: 20 }));
  const sent = [watch(broker.send("q", { body: "1" })), watch(broker.send("q", { body: "2" }))];
  await turn();
  await turn();
  expect(storage.batches).toHaveLength(1);
  expect([received, ...sent].some(({ settled }) => settled)).toBe(false);
  storage.gates[0]?.();
  await turn();
  expect([received, ...sent].every(({ settled }) => settled)).toBe(true);
  expect(storage.batches).toHaveLength(1);
});

test("what comes while a write is under way goes into the next", async () => {
  const { storage, broker, turn } = await start();
  const first = watch(broker.send("q", { body: "1" }));
  await turn();
  const later = [watch(broker.send("q", { body: "2" })), watch(broker.send("q", { body: "3" }))];
  await turn();
  expect(storage.batches).toHaveLength(1);
  storage.gates[0]?.();
  await turn();
  expect(first.settled).toBe(true);
  expect(later.some(({ settled }) => settled)).toBe(false);
  expect(storage.batches).toHaveLength(2);
  storage.gates[1]?.();
  await turn();
  expect(later.every(({ settled }) => settled)).toBe(true);
});

test("a duplicate is not answered before the first message is written", async () => {
  const { storage, broker, turn } = await start();
  storage.gated = false;
  await broker.createQueue("q.fifo", { fifoQueue: true, contentBasedDeduplication: true }, {});
  storage.gated = true;
  void broker.send("q.fifo", { body: "1", messageGroupId: "g" });
  await turn();
  const duplicate = watch(broker.send("q.fifo", { body: "1", messageGroupId: "g" }));
  await turn();
  expect(duplicate.settled).toBe(false);
  storage.gates[0]?.();
  await turn();
  expect(duplicate.settled).toBe(true);
});

describe("after a failed write", () => {
  test("everything not written fails, waiting receives too, and so does all that follows", async () => {
    const { storage, broker, turn } = await start();
    const waiting = broker.receive("q", { maxMessages: 1, waitTimeSeconds: 20 });
    const failed = { code: "QR_LOCAL_STORE_FAILED", message: expect.stringContaining("no space left") };
    const refused = [expect(waiting).rejects.toMatchObject(failed)];
    refused.push(expect(broker.send("q", { body: "1" })).rejects.toMatchObject(failed));
    await turn();
    refused.push(expect(broker.send("q", { body: "2" })).rejects.toMatchObject(failed));
    refused.push(
      expect(broker.receive("q", { maxMessages: 1, waitTimeSeconds: 20 })).rejects.toMatchObject(failed),
    );
    storage.gates[0]?.(new Error("no space left on device"));
    await Promise.all(refused);
    await expect(broker.send("q", { body: "3" })).rejects.toMatchObject(failed);
    await expect(broker.flush()).rejects.toMatchObject(failed);
    expect(() => broker.queue("q")).toThrow("no space left");
    await broker.close().catch(() => {});
  });

  test("receives that wait at other queues are answered too", async () => {
    const { storage, broker, turn } = await start();
    storage.gated = false;
    await broker.createQueue("other", {}, {});
    const waiting = broker.receive("other", { maxMessages: 1, waitTimeSeconds: 20 });
    const refused = expect(waiting).rejects.toMatchObject({ code: "QR_LOCAL_STORE_FAILED" });
    storage.gated = true;
    broker.send("q", { body: "1" }).catch(() => {});
    await turn();
    storage.gates[0]?.(new Error("no space left on device"));
    await refused;
  });

  test("nothing of the failed batch is there when the store is opened again", async () => {
    const entries = new Map<string, string>();
    const storage = new MemoryStorage(entries);
    const broker = await createBroker({ storage });
    await broker.createQueue("q", {}, {});
    await broker.send("q", { body: "kept" });
    storage.write = () => Promise.reject(new Error("no space left on device"));
    await expect(broker.send("q", { body: "refused" })).rejects.toThrow("no space left");
    const again = await createBroker({ storage: new MemoryStorage(entries) });
    expect((await again.receive("q", { maxMessages: 10 })).messages.map(({ body }) => body)).toEqual([
      "kept",
    ]);
    await again.close();
  });
});
