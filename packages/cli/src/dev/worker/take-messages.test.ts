import { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { deferred } from "../deferred.js";
import type { ToWorker } from "./protocol.js";
import { takeMessages } from "./take-messages.js";

const define: ToWorker = {
  type: "define",
  definition: "{}",
  memoryMegabytes: 256,
  sqs: "http",
  claims: null,
};
const preload: ToWorker = { type: "preload", modules: [] };
const resume: ToWorker = { type: "resume", id: 1 };

let port: EventEmitter;
let received: ToWorker[];
let warmedUp: ReturnType<typeof deferred>;
let warmUps: number;

beforeEach(() => {
  vi.useFakeTimers();
  port = new EventEmitter();
  received = [];
  warmedUp = deferred();
  warmUps = 0;
  takeMessages(
    port,
    (message) => received.push(message),
    () => {
      warmUps++;
      return warmedUp.promise;
    },
  );
});

afterEach(() => {
  vi.useRealTimers();
});

test("a worker that is needed at once is not kept waiting, and never warms up", () => {
  port.emit("message", define);
  port.emit("message", preload);
  expect(received).toEqual([define, preload]);
  vi.advanceTimersByTime(1_000);
  port.emit("message", resume);
  expect(received).toEqual([define, preload, resume]);
  expect(warmUps).toBe(0);
});

test("a worker that is not needed warms up once; what comes meanwhile waits, and keeps its order", async () => {
  port.emit("message", define);
  vi.advanceTimersByTime(1_000);
  port.emit("message", preload);
  expect([warmUps, received]).toEqual([1, []]);
  warmedUp.resolve();
  await warmedUp.promise;
  port.emit("message", resume);
  expect(received).toEqual([define, preload, resume]);
  expect(warmUps).toBe(1);
});
