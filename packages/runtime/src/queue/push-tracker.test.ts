import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { configureInstance } from "../config/instance.js";
import { type InvocationScope, runInScope } from "../context/invocation-scope.js";
import type { QueueRunError } from "../errors/queue-run-error.js";
import { onLifecycle } from "../log/lifecycle-events.js";
import { decodeEnvelope } from "./envelope.js";
import { createPushTracker } from "./push-tracker.js";
import { bindQueues } from "./queues.js";
import { configureQueues, type RecordingSqs, startRecordingSqs } from "./testing/recording-sqs.js";

const queue = bindQueues({ queue: "emails", fifo: false }).self();
let sqs: RecordingSqs;
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => {
  unhandled.push(reason);
};

beforeEach(async () => {
  unhandled.length = 0;
  process.on("unhandledRejection", onUnhandled);
  sqs = await startRecordingSqs();
  configureQueues(sqs.endpoint, { emails: { maxHops: 3 } });
});

afterEach(async () => {
  // An unhandled rejection is told after the microtasks of a turn.
  await new Promise((resolve) => setImmediate(resolve));
  process.off("unhandledRejection", onUnhandled);
  configureInstance(null);
  await sqs.stop();
  expect(unhandled).toEqual([]);
});

function scopeOf(overrides: Partial<InvocationScope> = {}): InvocationScope {
  return {
    kind: "queue",
    handler: "emails",
    requestId: "r1",
    user: null,
    trace: null,
    hops: 1,
    job: null,
    pushes: createPushTracker(),
    ...overrides,
  };
}

/** Runs a handler as the runtime does: its result counts when what it pushed is sent. */
async function run(handler: () => unknown, scope = scopeOf()): Promise<void> {
  await runInScope(scope, async () => {
    await handler();
    await scope.pushes.settle();
    scope.pushes.close();
  });
}

describe("a handler's result", () => {
  test("waits for pushes that nobody awaited", async () => {
    await run(() => {
      void queue.push(1);
      void queue.push(2);
    });
    expect(sqs.messages()).toHaveLength(2);
  });

  test("waits for pushes that are made while it waits", async () => {
    await run(() => {
      void queue.push(1).then(() => queue.push(2).then(() => queue.push(3)));
    });
    expect(sqs.messages()).toHaveLength(3);
  });

  test.each([
    ["is not awaited", () => void queue.push(undefined)],
    ["is followed by then alone", () => void queue.push(undefined).then(() => {})],
    ["is followed by finally alone", () => void queue.push(undefined).finally(() => {})],
    [
      "is followed by then and finally",
      () =>
        void queue
          .push(undefined)
          .then()
          .finally(() => {}),
    ],
    ["is one of a list", () => void queue.pushAll([() => 1])],
  ])("is a failure when a failing push %s", async (_, handler) => {
    await expect(run(handler)).rejects.toMatchObject({ code: "QR_INVALID_PAYLOAD" });
  });

  test.each([
    ["caught by await", async () => await queue.push(undefined).catch(() => {})],
    [
      "caught by try",
      async () => {
        try {
          await queue.push(undefined);
        } catch {
          // The handler goes on without it.
        }
      },
    ],
    [
      "caught after then",
      () =>
        void queue
          .push(undefined)
          .then(() => {})
          .catch(() => {}),
    ],
    [
      "caught in a group",
      async () => void (await Promise.allSettled([queue.push(undefined), queue.push(1)])),
    ],
    [
      "caught later",
      async () => {
        const push = queue.push(undefined);
        await queue.push(1);
        await push.catch(() => {});
      },
    ],
  ])("is no failure when a failing push is %s", async (_, handler) => {
    await run(handler);
  });

  test("is the push's error when it is awaited", async () => {
    await expect(run(() => queue.push(undefined))).rejects.toMatchObject({ code: "QR_INVALID_PAYLOAD" });
  });
});

describe("a push", () => {
  test("after its handler has ended is refused, and told as an error when nobody hears of it", async () => {
    const told: unknown[] = [];
    const stop = onLifecycle("error", ({ error }) => told.push((error as QueueRunError).code));
    const scope = scopeOf();
    await run(() => {}, scope);
    await runInScope(scope, async () => {
      await expect(queue.push(1)).rejects.toMatchObject({ code: "QR_HANDLER_ENDED" });
      void queue.push(1);
    });
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    stop();
    expect(told).toEqual(["QR_HANDLER_ENDED"]);
    expect(sqs.calls).toEqual([]);
  });

  test("carries user, trace and hops of its handler", async () => {
    const trace = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", sampled: true };
    await run(() => queue.push(1), scopeOf({ user: { id: "ann" }, trace, hops: 2 }));
    const [message] = sqs.messages();
    expect(decodeEnvelope(message?.MessageAttributes?.["queue-run"]?.StringValue)).toMatchObject({
      userId: "ann",
      trace,
      hops: 3,
    });
    expect(message?.MessageSystemAttributes?.AWSTraceHeader?.StringValue).toBe(
      "Root=1-0af76519-16cd43dd8448eb211c80319c;Parent=b7ad6b7169203331;Sampled=1",
    );
  });

  test("beyond the queue's longest chain of jobs is refused", async () => {
    const push = run(() => queue.push(1), scopeOf({ hops: 3 }));
    await expect(push).rejects.toMatchObject({ code: "QR_TOO_MANY_HOPS", details: { limit: 3 } });
  });

  test("beyond the handler's limit of pushes is refused; a list counts as many as it has", async () => {
    const scope = scopeOf({ pushes: createPushTracker({ maxPushes: 3 }) });
    await run(async () => {
      await queue.pushAll([1, 2]);
      await expect(queue.pushAll([3, 4])).rejects.toMatchObject({ code: "QR_TOO_MANY_PUSHES" });
      await queue.push(3);
    }, scope);
    expect(scope.pushes.count).toBe(3);
    expect(sqs.messages()).toHaveLength(3);
  });

  test("outside of any handler that fails unheard is told as an error", async () => {
    const told: unknown[] = [];
    const stop = onLifecycle("error", ({ error }) => told.push((error as QueueRunError).code));
    void queue.push(undefined);
    await expect(queue.push("")).rejects.toMatchObject({ code: "QR_INVALID_PAYLOAD" });
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    stop();
    expect(told).toEqual(["QR_INVALID_PAYLOAD"]);
  });
});
