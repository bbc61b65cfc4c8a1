import { availableParallelism } from "node:os";
import type { InstanceConfig } from "@queue-run/runtime/instance";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestClock, type TestClock } from "../../clock/test-clock.js";
import { ProjectProblemsError } from "../../errors/project-errors.js";
import type { InvocationPayload, WorkerEvent } from "../worker/protocol.js";
import { type FakeWorker, fakeWorkers } from "./fake-worker.js";
import type { FunctionDefinition } from "./function-instances.js";
import { type Runner, startRunner } from "./runner.js";
import type { Slot } from "./slot.js";

const instance: InstanceConfig = {
  project: "test",
  stage: "dev",
  queues: {},
  sqs: { region: "us-east-1", queueUrlPrefix: "http://127.0.0.1/000000000000/" },
  baseUrl: null,
  readableLogs: true,
};

const definition: FunctionDefinition = {
  function: { kind: "http", routes: [], index: null },
  instance,
  timeoutSeconds: 5,
  memoryMegabytes: 256,
  maxInstances: 3,
};

const payload: InvocationPayload = {
  kind: "queue",
  delivery: { requestId: "request", queueArn: "arn", region: "us-east-1", messages: [] },
};

/** Lets promises settle. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

let clock: TestClock;
let workers: FakeWorker[];
let runner: Runner;
let events: WorkerEvent[];
let moduleUrl: (file: string) => Promise<string>;
let residentMegabytes: number;
let processorMs: number;

beforeEach(() => {
  clock = createTestClock();
  events = [];
  moduleUrl = async (file) => `file:///built/${file}`;
  residentMegabytes = 100;
  processorMs = 0;
  const fakes = fakeWorkers();
  workers = fakes.workers;
  runner = startRunner({
    residentBytes: () => residentMegabytes * 1024 ** 2,
    processorMs: () => processorMs,
    clock,
    spawn: fakes.spawn,
    moduleUrl: (file) => moduleUrl(file),
    services: () => null,
    reports: { events: (told) => events.push(...told), output: () => {} },
  });
  runner.define("api", definition);
});

afterEach(() => runner.stop());

async function acquire(): Promise<Slot> {
  const slot = await runner.acquire("api");
  if (!slot) throw new Error("There is no instance");
  return slot;
}

const worker = (at: number): FakeWorker => {
  const found = workers[at];
  if (!found) throw new Error(`Worker ${at} was not started`);
  return found;
};

describe("instances", () => {
  it("begin as the spare worker, which is replaced", async () => {
    await acquire();
    expect(worker(0).received).toMatchObject([{ type: "define", memoryMegabytes: 256 }]);
    expect(workers).toHaveLength(1);
    clock.advance(1_000);
    expect(workers).toHaveLength(2);
  });

  it("that wait are told what the last was taken for, and nothing more when they become just that", async () => {
    const slot = await acquire();
    clock.advance(1_000);
    await settle();
    expect(worker(1).received).toEqual(worker(0).received);
    slot?.run(payload, null);
    runner.renew("api");
    await acquire();
    expect(worker(1).received.map(({ type }) => type)).toEqual(["define"]);
  });

  it("run one invocation at a time, and are used again", async () => {
    const first = (await acquire()).run(payload, null);
    const second = acquire();
    await settle();
    expect(worker(0).invocations()).toEqual([1]);
    worker(0).finish("one");
    expect(await first.outcome).toEqual({ kind: "returned", value: "one" });
    (await second).run(payload, null);
    expect(worker(0).invocations()).toEqual([1, 2]);
  });

  it("become more while invocations wait for slow ones, up to the bound", async () => {
    for (let n = 0; n < 5; n++) void runner.acquire("api").then((slot) => slot?.run(payload, null));
    await settle();
    for (let n = 0; n < 50; n++) {
      clock.advance(10);
      await settle();
    }
    expect(workers.filter(({ invocations }) => invocations().length > 0)).toHaveLength(3);
  });

  it("do not become more for quick invocations", async () => {
    for (let n = 0; n < 20; n++) void runner.acquire("api").then((slot) => slot?.run(payload, null));
    await settle();
    for (let n = 0; n < 20; n++) {
      clock.advance(2);
      worker(0).finish();
      await settle();
    }
    expect(workers.filter(({ invocations }) => invocations().length > 0)).toHaveLength(1);
  });

  it("that compute all the time do not become more than there are processors, until it takes too long", async () => {
    runner.define("api", { ...definition, maxInstances: 1_000 });
    for (let n = 0; n < 1_000; n++) void runner.acquire("api").then((slot) => slot?.run(payload, null));
    const started = () => workers.filter(({ invocations }) => invocations().length > 0).length;
    for (let n = 0; n < 90; n++) {
      clock.advance(10);
      for (const each of workers) each.utilization = 1;
      await settle();
    }
    expect(started()).toBeLessThanOrEqual(availableParallelism());
    clock.advance(200);
    await settle();
    expect(started()).toBeGreaterThan(availableParallelism());
  });

  it("beyond the processors come later where slow ones may only be waiting for a processor", async () => {
    runner.define("api", { ...definition, maxInstances: 1_000 });
    for (let n = 0; n < 1_000; n++) void runner.acquire("api").then((slot) => slot?.run(payload, null));
    const started = () => workers.filter(({ invocations }) => invocations().length > 0).length;
    const busyFor = async (milliseconds: number, share: number) => {
      for (let n = 0; n < milliseconds; n++) {
        processorMs += share;
        clock.advance(1);
        await settle();
      }
    };
    await busyFor(200, 0.9);
    expect(started()).toBeLessThanOrEqual(availableParallelism());
    await busyFor(40, 0.1);
    expect(started()).toBeGreaterThan(availableParallelism());
  });

  it("that are idle for long end, all but one", async () => {
    const slots = [await acquire()];
    for (const slot of slots) slot.run(payload, null);
    const waiting = acquire();
    for (let n = 0; n < 5; n++) {
      clock.advance(10);
      await settle();
    }
    (await waiting).run(payload, null);
    const used = workers.filter(({ invocations }) => invocations().length > 0);
    expect(used).toHaveLength(2);
    for (const each of used) each.finish();
    await settle();
    clock.advance(120_000);
    expect(used.filter(({ terminated }) => terminated)).toHaveLength(1);
  });

  it("with other memory than the spare's are started for it", async () => {
    runner.define("queue:large", { ...definition, memoryMegabytes: 1024 });
    void runner.acquire("queue:large");
    await settle();
    expect(workers.map(({ memoryMegabytes }) => memoryMegabytes)).toEqual([256, 1024]);
  });
});

describe("new code", () => {
  it("runs in new instances, while running invocations end on the old", async () => {
    const { outcome } = (await acquire()).run(payload, null);
    clock.advance(1_000);
    await settle();
    runner.renew("api");
    await settle();
    (await acquire()).run(payload, null);
    expect(worker(1).invocations()).toEqual([1]);
    clock.advance(1_000);
    expect(worker(0).terminated).toBe(false);
    worker(0).finish("old");
    expect(await outcome).toEqual({ kind: "returned", value: "old" });
    clock.advance(1_000);
    expect(worker(0).terminated).toBe(true);
  });

  it("gets an instance ahead of the next invocation", async () => {
    (await acquire()).release();
    clock.advance(1_000);
    await settle();
    runner.renew("api");
    expect(worker(1).received).toMatchObject([{ type: "define" }]);
  });

  it("is told what was saved before it asks, after the file that runs first", async () => {
    (await acquire()).release();
    clock.advance(1_000);
    await settle();
    runner.define("api", { ...definition, function: { kind: "http", routes: [], index: "index.ts" } });
    runner.renew("api", ["api/saved.ts"]);
    await settle();
    const modules = ["index.ts", "api/saved.ts"].map((file) => ({ file, url: `file:///built/${file}` }));
    expect(workers.at(-1)?.received.slice(-1)).toEqual([{ type: "preload", modules }]);
  });
});

describe("an invocation", () => {
  it("dies when its worker ends, and the next has another worker", async () => {
    const { outcome } = (await acquire()).run(payload, null);
    worker(0).exit({ code: 3 });
    expect(await outcome).toEqual({ kind: "died", cause: { kind: "exit", exitCode: 3 } });
    (await acquire()).run(payload, null);
    expect(workers).toHaveLength(2);
  });

  it("dies when its worker runs out of memory", async () => {
    const { outcome } = (await acquire()).run(payload, null);
    worker(0).exit({ outOfMemory: true });
    expect(await outcome).toEqual({ kind: "died", cause: { kind: "out-of-memory", memoryMegabytes: 256 } });
  });

  it("dies of an error that nothing caught", async () => {
    const { outcome } = (await acquire()).run(payload, null);
    const error = { name: "Error", message: "stray", stack: null, code: null, fix: null, cause: null };
    worker(0).send({ type: "crashed", kind: "unhandledRejection", error });
    worker(0).exit({ code: 1 });
    expect(await outcome).toEqual({
      kind: "died",
      cause: { kind: "uncaught", type: "unhandledRejection", error },
    });
  });

  it("is ended when the function's time is up", async () => {
    const { outcome } = (await acquire()).run(payload, null);
    clock.advance(4_900);
    expect(worker(0).terminated).toBe(false);
    clock.advance(1_000);
    expect(worker(0).terminated).toBe(true);
    expect(await outcome).toEqual({ kind: "died", cause: { kind: "deadline", timeoutSeconds: 5 } });
  });

  it("is not timed where the function is not", async () => {
    runner.define("api", { ...definition, timeoutSeconds: null });
    (await acquire()).run(payload, null);
    clock.advance(3_600_000);
    expect(worker(0).terminated).toBe(false);
    expect(worker(0).received.at(-1)).toMatchObject({ timeoutSeconds: null });
  });

  it("dies of a worker that cannot start, and is told why", async () => {
    const fakes = fakeWorkers({ start: false });
    const failing = startRunner({
      clock,
      spawn: fakes.spawn,
      moduleUrl,
      services: () => null,
      reports: { events: () => {}, output: () => {} },
    });
    failing.define("api", definition);
    const waiting = failing.acquire("api");
    fakes.workers[0]?.exit({ error: new Error("no such package") });
    const slot = await waiting;
    expect(await slot?.run(payload, null).outcome).toMatchObject({
      kind: "died",
      cause: { kind: "uncaught", error: { message: "no such package" } },
    });
    await failing.stop();
  });

  it("of a function whose code could not be loaded makes way for a new instance", async () => {
    const { outcome } = (await acquire()).run(payload, null);
    const error = { name: "Error", message: "broken", stack: null, code: null, fix: null, cause: null };
    worker(0).send({ type: "failed", id: 1, error, told: true });
    expect(await outcome).toEqual({ kind: "failed", error, told: true });
    (await acquire()).run(payload, null);
    expect(worker(1).invocations()).toEqual([1]);
  });

  it("gets the modules that it asks for, or the reason why not", async () => {
    (await acquire()).run(payload, null);
    worker(0).send({ type: "module", request: 7, file: "api/index.ts" });
    moduleUrl = async () => {
      throw new Error("syntax");
    };
    worker(0).send({ type: "module", request: 8, file: "api/broken.ts" });
    await settle();
    expect(worker(0).received.slice(-2)).toMatchObject([
      { type: "module", request: 7, url: "file:///built/api/index.ts", error: null },
      { type: "module", request: 8, url: null, error: { message: "syntax" } },
    ]);
  });
});

it("gives nobody an instance of a function that was taken away, or after the wait was given up", async () => {
  const giveUp = new AbortController();
  const running = (await acquire()).run(payload, null);
  const waiting = runner.acquire("api", giveUp.signal);
  giveUp.abort();
  expect(await waiting).toBeNull();
  runner.remove("api");
  expect(await runner.acquire("api")).toBeNull();
  worker(0).finish("ends all the same");
  expect(await running.outcome).toEqual({ kind: "returned", value: "ends all the same" });
});

it("tells running invocations that the server stops", async () => {
  const { outcome } = (await acquire()).run(payload, null);
  await runner.stop();
  expect(await outcome).toEqual({ kind: "died", cause: { kind: "stopped" } });
});

describe("buffers, which V8 does not bound", () => {
  const outOfMemory = { kind: "died", cause: { kind: "out-of-memory", memoryMegabytes: 256 } };

  it("ends a worker that says that it has more of them than its memory", async () => {
    const { outcome } = (await acquire()).run(payload, null);
    worker(0).send({ type: "alive", bufferBytes: 256 * 1024 ** 2 });
    expect(worker(0).terminated).toBe(false);
    worker(0).send({ type: "alive", bufferBytes: 256 * 1024 ** 2 + 1 });
    expect(await outcome).toEqual(outOfMemory);
  });

  it("ends a worker that is blocked while the process grows beyond what it was given", async () => {
    const { outcome } = (await acquire()).run(payload, null);
    clock.advance(1_000);
    residentMegabytes = 100 + 256 + 256;
    clock.advance(200);
    expect(worker(0).terminated).toBe(false);
    residentMegabytes += 1;
    clock.advance(200);
    expect(await outcome).toEqual(outOfMemory);
  });

  it("lets the process grow while every worker says that it is alive", async () => {
    const { outcome } = (await acquire()).run(payload, null);
    for (let turn = 0; turn < 8; turn++) {
      clock.advance(200);
      residentMegabytes += 500;
      worker(0).send({ type: "alive", bufferBytes: 0 });
    }
    worker(0).finish("well");
    expect(await outcome).toEqual({ kind: "returned", value: "well" });
  });
});

it("tells of an error that nothing caught even when its invocation had ended", async () => {
  const { outcome } = (await acquire()).run(payload, null);
  worker(0).finish("fine");
  await outcome;
  const error = { name: "Error", message: "stray", stack: null, code: null, fix: null, cause: null };
  worker(0).send({ type: "crashed", kind: "unhandledRejection", error });
  expect(worker(0).terminated).toBe(true);
  expect(events).toEqual([{ kind: "error", error, source: expect.objectContaining({ handler: "api" }) }]);
});

it("tells a worker what is wrong with a file without frames of our own, and what loads it again", async () => {
  await acquire();
  const problem = {
    code: "QR_X",
    file: "api/a.ts",
    line: 1,
    column: 1,
    message: "Wrong.",
    fix: "Mend.",
  } as const;
  moduleUrl = async () => {
    throw new ProjectProblemsError([problem]);
  };
  worker(0).send({ type: "module", request: 9, file: "api/a.ts" });
  await settle();
  expect(worker(0).received.at(-1)).toMatchObject({
    type: "module",
    error: {
      message: expect.stringContaining("api/a.ts:1:1"),
      stack: null,
      fix: expect.stringContaining("Save"),
    },
  });
});
