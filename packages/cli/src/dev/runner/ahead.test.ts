import type { InstanceConfig } from "@queue-run/runtime/instance";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestClock, type TestClock } from "../../clock/test-clock.js";
import { createSeededRandom } from "../../local-sqs/broker/random.js";
import { parsePayload } from "../worker/payload-text.js";
import type { InvocationPayload } from "../worker/protocol.js";
import { type FakeWorker, fakeWorkers } from "./fake-worker.js";
import type { FunctionDefinition } from "./function-instances.js";
import type { Outcome } from "./outcome.js";
import { type Runner, startRunner } from "./runner.js";

/** To repeat a failure: QUEUE_RUN_TEST_SEED=… */
const seed = Number(process.env.QUEUE_RUN_TEST_SEED ?? Date.now() % 1_000_000);

const instance: InstanceConfig = {
  project: "test",
  stage: "dev",
  queues: {},
  sqs: { region: "us-east-1", queueUrlPrefix: "http://127.0.0.1/000000000000/" },
  baseUrl: null,
  readableLogs: true,
};
const definition: FunctionDefinition = {
  function: {
    kind: "queue",
    name: "mail",
    fifo: false,
    file: "queues/mail.ts",
    settings: {} as never,
    index: null,
  },
  instance,
  timeoutSeconds: 5,
  memoryMegabytes: 256,
  maxInstances: 4,
};
const error = { name: "Error", message: "broken", stack: null, code: null, fix: null, cause: null };
const QUEUE = "queue:mail";

const settle = async () => {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
};

let clock: TestClock;
let workers: FakeWorker[];
let runner: Runner;

beforeEach(() => {
  clock = createTestClock();
  const fakes = fakeWorkers();
  workers = fakes.workers;
  runner = startRunner({
    residentBytes: () => 0,
    processorMs: () => 0,
    clock,
    spawn: fakes.spawn,
    moduleUrl: async (file) => `file:///${file}`,
    services: () => null,
    reports: { events: () => {}, output: () => {} },
  });
  runner.define(QUEUE, definition);
});

afterEach(() => runner.stop());

const payloadOf = (label: string): InvocationPayload => ({
  kind: "queue",
  delivery: { requestId: label, queueArn: label, region: "us-east-1", messages: [] },
});

/** Runs an invocation as an event source does; its outcome, once there is one. */
function run(label: string): { outcome: Outcome | null } {
  const result: { outcome: Outcome | null } = { outcome: null };
  void runner
    .acquire(QUEUE)
    .then((slot) => slot?.run(payloadOf(label), null).outcome)
    .then((outcome) => {
      result.outcome = outcome ?? null;
    });
  return result;
}

/** What a worker was sent to run: label, id, and whether it was posted ahead of its turn. */
const sentTo = (worker: FakeWorker | undefined) =>
  (worker?.received ?? []).flatMap((message) => {
    if (message.type !== "invoke") return [];
    const payload = parsePayload(message.payload);
    const label = payload.kind === "queue" ? payload.delivery.queueArn : "";
    return [{ label, id: message.id, ahead: message.claimAt !== null }];
  });

const finish = (worker: FakeWorker | undefined, id: number) =>
  worker?.send({ type: "returned", id, value: `${id}`, answer: null, events: "" });

describe("an invocation posted ahead of its turn", () => {
  it("is one at most for each instance that is busy, and the next follows when its turn has come", async () => {
    const results = ["a", "b", "c"].map(run);
    await settle();
    expect(sentTo(workers[0])).toEqual([
      { label: "a", id: 1, ahead: false },
      { label: "b", id: 2, ahead: true },
    ]);
    finish(workers[0], 1);
    await settle();
    // The worker has not claimed b yet: c must not take its place.
    expect(sentTo(workers[0]).slice(2)).toEqual([{ label: "c", id: 3, ahead: true }]);
    expect(workers[0]?.claim(2)).toBe(true);
    expect(workers[0]?.claim(3)).toBe(true);
    finish(workers[0], 2);
    finish(workers[0], 3);
    await settle();
    expect(results.map(({ outcome }) => outcome)).toEqual(
      ["1", "2", "3"].map((value) => ({ kind: "returned", value })),
    );
    expect(runner.busyCount()).toBe(0);
  });

  it("runs elsewhere when the one before it takes long", async () => {
    run("slow");
    run("next");
    await settle();
    for (let ms = 0; ms < 12; ms++) {
      clock.advance(1);
      await settle();
    }
    expect(workers[0]?.claim(2)).toBe(false);
    expect(sentTo(workers.at(-1))).toMatchObject([{ label: "next", ahead: false }]);
  });

  it("is not given away twice when its worker has begun it", async () => {
    run("slow");
    const next = run("next");
    await settle();
    expect(workers[0]?.claim(2)).toBe(true);
    runner.renew(QUEUE);
    await settle();
    expect(workers.flatMap(sentTo).filter(({ label }) => label === "next")).toHaveLength(1);
    finish(workers[0], 1);
    finish(workers[0], 2);
    await settle();
    expect(next.outcome).toEqual({ kind: "returned", value: "2" });
  });

  it("runs on the new code after a save", async () => {
    run("running");
    run("next");
    await settle();
    runner.renew(QUEUE);
    await settle();
    expect(workers.slice(1).flatMap(sentTo)).toMatchObject([{ label: "next", ahead: false }]);
    expect(workers[0]?.claim(2)).toBe(false);
  });

  it.each([false, true])("where the worker dies, dies with it only if it had begun (%s)", async (begun) => {
    run("running");
    const next = run("next");
    await settle();
    if (begun) expect(workers[0]?.claim(2)).toBe(true);
    workers[0]?.exit({ code: 3 });
    await settle();
    const died = { kind: "died", cause: { kind: "exit", exitCode: 3 } };
    expect(next.outcome).toEqual(begun ? died : null);
    const elsewhere = workers.slice(1).flatMap(sentTo);
    expect(elsewhere).toMatchObject(begun ? [] : [{ label: "next", ahead: false }]);
  });

  it("whose turn had come, but that had not begun when the worker died, runs elsewhere", async () => {
    run("first");
    const next = run("next");
    await settle();
    finish(workers[0], 1);
    await settle();
    workers[0]?.exit({ code: 3 });
    await settle();
    expect(next.outcome).toBeNull();
    expect(workers.slice(1).flatMap(sentTo)).toMatchObject([{ label: "next" }]);
  });

  it("does not share the failure of code that cannot be loaded", async () => {
    run("first");
    run("next");
    await settle();
    workers[0]?.send({ type: "failed", id: 1, error, told: true });
    await settle();
    expect(workers.slice(1).flatMap(sentTo)).toMatchObject([{ label: "next", ahead: false }]);
  });

  it("is told that the server stops when it has not begun", async () => {
    run("running");
    const next = run("next");
    await settle();
    runner.remove(QUEUE);
    await settle();
    expect(next.outcome).toEqual({ kind: "died", cause: { kind: "stopped" } });
  });

  it("is none of the API's: there, whatever waits goes to whichever instance is free first", async () => {
    runner.define("api", { ...definition, function: { kind: "http", routes: [], index: null } });
    for (let n = 0; n < 3; n++) void runner.acquire("api").then((slot) => slot?.run(payloadOf("api"), null));
    await settle();
    expect(workers.flatMap(sentTo)).toHaveLength(1);
  });
});

it(`each of many begins once, and ends as it went, whatever happens to workers (seed ${seed})`, async () => {
  const random = createSeededRandom(seed);
  const chance = (share: number) => random.next() < share;
  const began = new Map<string, FakeWorker>();
  const finished = new Set<string>();
  const running = new Map<FakeWorker, { label: string; id: number } | null>();
  const dead = new Set<FakeWorker>();
  const results = new Map<string, { outcome: Outcome | null }>();

  /** What the worker's thread does: begins what is its own, or can be claimed, in order. */
  function beginNext(worker: FakeWorker, after: number): void {
    for (const { label, id, ahead } of sentTo(worker)) {
      if (id <= after || (ahead && !worker.claim(id))) continue;
      expect(began.has(label), `${label} began twice`).toBe(false);
      began.set(label, worker);
      running.set(worker, { label, id });
      return;
    }
    running.set(worker, null);
  }
  const lastOf = new Map<FakeWorker, number>();

  for (let step = 0; step < 1_500; step++) {
    if (chance(0.4)) {
      const label = `job ${step}`;
      results.set(label, run(label));
    }
    if (chance(0.02)) runner.renew(QUEUE);
    if (chance(0.3)) clock.advance(Math.floor(random.next() * 12));
    await settle();
    for (const worker of workers) {
      if (dead.has(worker) || worker.terminated) continue;
      const now = running.get(worker) ?? null;
      if (!now) beginNext(worker, lastOf.get(worker) ?? 0);
      else if (chance(0.01)) {
        dead.add(worker);
        worker.exit({ code: 9 });
      } else if (chance(0.5)) {
        finished.add(now.label);
        lastOf.set(worker, now.id);
        finish(worker, now.id);
        running.set(worker, null);
        if (chance(0.8)) beginNext(worker, now.id);
      }
    }
  }
  for (let step = 0; step < 400; step++) {
    clock.advance(5);
    await settle();
    for (const worker of workers) {
      if (dead.has(worker) || worker.terminated) continue;
      const now = running.get(worker) ?? null;
      if (now) {
        finished.add(now.label);
        lastOf.set(worker, now.id);
        finish(worker, now.id);
      }
      beginNext(worker, lastOf.get(worker) ?? 0);
    }
  }
  await settle();
  for (const [label, { outcome }] of results) {
    if (finished.has(label)) expect(outcome, label).toMatchObject({ kind: "returned" });
    else {
      expect(outcome, label).toMatchObject({ kind: "died", cause: { kind: "exit", exitCode: 9 } });
      expect(dead.has(began.get(label) as FakeWorker), `${label} died where it never began`).toBe(true);
    }
  }
});
