import { expect, test } from "vitest";
import { createTestClock } from "../clock/test-clock.js";
import { toHttpEvent } from "../dev/http/to-http-event.js";
import { fakeWorkers } from "../dev/runner/fake-worker.js";
import type { Slot } from "../dev/runner/slot.js";
import type { InvocationPayload } from "../dev/worker/protocol.js";
import type { ApiFunction } from "./api-thread.js";
import { startApiThreads } from "./api-threads.js";

const api: ApiFunction = {
  function: {
    kind: "built",
    functionName: "api",
    queueName: null,
    file: "/app/build/api/index.mjs",
    index: null,
  },
  instance: {
    project: "",
    stage: "",
    queues: {},
    sqs: { region: "", queueUrlPrefix: "" },
    baseUrl: null,
    readableLogs: false,
  },
  timeoutSeconds: 15,
  memoryMegabytes: 256,
};

const request = { url: "/", method: "GET", rawHeaders: [], socket: {} } as unknown as Parameters<
  typeof toHttpEvent
>[0];
const payload: InvocationPayload = {
  kind: "http",
  event: toHttpEvent(request, null, { requestId: "r", nowMs: 0 }),
};

function serving(maxThreads = 2) {
  const clock = createTestClock();
  const { spawn, workers } = fakeWorkers();
  const crashes: string[] = [];
  const threads = startApiThreads(api, {
    clock,
    spawn,
    output: () => {},
    crashed: ({ message }) => crashes.push(message),
    maxThreads,
  });
  const run = async () => {
    const slot = (await threads.acquire()) as Slot;
    return slot.run(payload, null);
  };
  /** As a worker does that runs something and is not blocked. */
  const pass = (ms: number, ...awake: number[]) => {
    for (let passed = 0; passed < ms; passed += 200) {
      clock.advance(200);
      for (const index of awake) workers[index]?.send({ type: "alive", bufferBytes: 0 });
    }
  };
  return { clock, workers, threads, run, crashes, pass };
}

test("a thread is there before the first request; more come with requests side by side, up to a bound", async () => {
  const { workers, threads, run } = serving(2);
  expect(workers).toHaveLength(1);
  for (let count = 0; count < 6; count++) await run();
  expect(workers.map((worker) => worker.invocations().length)).toEqual([3, 3]);
  expect(threads.running()).toBe(6);
});

test("each request ends with its own answer", async () => {
  const { workers, threads, run } = serving(1);
  const [first, second] = [await run(), await run()];
  workers[0]?.send({ type: "returned", id: 2, value: "two", answer: null, events: "" });
  expect(await second.outcome).toEqual({ kind: "returned", value: "two" });
  workers[0]?.send({ type: "returned", id: 1, value: "one", answer: null, events: "" });
  expect(await first.outcome).toEqual({ kind: "returned", value: "one" });
  expect(threads.running()).toBe(0);
});

test("a request whose time is up is cut off, and its neighbours go on", async () => {
  const { workers, threads, run, pass } = serving(1);
  const { outcome } = await run();
  pass(10_000, 0);
  await run();
  pass(5_200, 0);
  expect(await outcome).toEqual({ kind: "died", cause: { kind: "deadline", timeoutSeconds: 15 } });
  expect(workers[0]?.received).toContainEqual({ type: "hangup", id: 1 });
  expect(workers[0]?.terminated).toBe(false);
  expect(threads.running()).toBe(1);
});

test("a handler that blocks its thread ends it, with what runs there; the next request gets another", async () => {
  const { workers, run, pass } = serving(1);
  const blocking = await run();
  pass(500);
  const neighbour = await run();
  pass(15_000);
  expect(workers[0]?.terminated).toBe(true);
  expect(await blocking.outcome).toMatchObject({ kind: "died", cause: { kind: "deadline" } });
  expect(await neighbour.outcome).toMatchObject({ kind: "died" });
  await run();
  expect(workers).toHaveLength(2);
});

test("nobody is put on a thread that is blocked, while there may be another", async () => {
  const { workers, run, pass } = serving(1);
  await run();
  pass(2_000);
  await run();
  await run();
  expect(workers.map((worker) => worker.invocations().length)).toEqual([1, 2]);
});

test("an error that nothing caught ends what runs there, and is told of where nothing does", async () => {
  const { workers, run, crashes } = serving(1);
  const { outcome } = await run();
  const error = { name: "Error", message: "uncaught", stack: null, code: null, fix: null, cause: null };
  workers[0]?.send({ type: "crashed", kind: "uncaughtException", error });
  workers[0]?.exit();
  expect(await outcome).toMatchObject({ kind: "died", cause: { kind: "uncaught", error } });
  await (await run()).hangUp();
  workers[1]?.finish();
  workers[1]?.send({ type: "crashed", kind: "uncaughtException", error });
  expect(crashes).toEqual(["uncaught"]);
});

test("code that cannot be loaded is loaded anew by the next thread", async () => {
  const { workers, run } = serving(1);
  const { outcome } = await run();
  const error = { name: "Error", message: "no", stack: null, code: null, fix: null, cause: null };
  workers[0]?.send({ type: "failed", id: 1, error, told: false });
  expect(await outcome).toMatchObject({ kind: "failed" });
  await run();
  expect(workers).toHaveLength(2);
});

test("is over when it is stopped", async () => {
  const { workers, threads, run } = serving(1);
  const { outcome } = await run();
  await threads.stop();
  expect(await outcome).toEqual({ kind: "died", cause: { kind: "stopped" } });
  expect(workers[0]?.terminated).toBe(true);
  expect(await threads.acquire()).toBeNull();
});
