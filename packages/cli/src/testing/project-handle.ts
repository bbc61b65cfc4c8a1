import { bindQueues } from "@queue-run/runtime/bind";
import { scheduleNotFoundError } from "../errors/schedule-errors.js";
import { projectStopped, timeGoesBack } from "../errors/testing-errors.js";
import { unknownQueueError } from "../errors/unknown-name-errors.js";
import { askApi } from "./api-request.js";
import type { Chaos } from "./chaos.js";
import { assertRealTimers } from "./real-timers.js";
import type { RunningProject } from "./running-project.js";
import type { DrainReport, TestProject } from "./test-project.js";
import { timeInMs, timeSpanInMs } from "./time-span.js";

/** The project's own address. Nothing listens there. */
export const BASE_URL = "http://localhost:8000";

/** A test's own time is mostly up after five seconds: by then it should be known what it waited for. */
const LONG_WAIT_MS = 3_000;

/** Taken before a test can fake them. */
const { setTimeout: startTimer, clearTimeout: cancelTimer } = globalThis;

/** What a project is called by. */
type Names = { queues: readonly { name: string }[]; schedules: readonly { name: string }[] };

/** A project, and how whoever started it ends it. */
type StartedProject = { project: TestProject; stop: (because: "stopped" | "replaced") => Promise<void> };

/**
 * A running project as tests see it: one call after another, each with its report, until it is stopped.
 *
 * @param onStop - told when it is
 */
export function toTestProject(
  running: RunningProject,
  chaos: Chaos | null,
  manifest: Names,
  onStop: () => void,
): StartedProject {
  const { clock } = running;
  const queues = bindQueues({ queue: null, fifo: false });
  let ended: "stopped" | "replaced" | null = null;
  let last: Promise<unknown> = Promise.resolve();

  /** One after another. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = last.then(() => {
      assertRuns();
      return work();
    });
    last = result.catch(() => {});
    return result;
  }

  function assertRuns(): void {
    if (ended) throw projectStopped(ended);
  }

  function reporting(work: () => Promise<void>): Promise<DrainReport> {
    return inTurn(async () => {
      await assertRealTimers();
      const from = [running.runs, running.deadLetters, chaos?.faults ?? []].map((list) => list.length);
      const stopWatching = tellOfLongWaits(running);
      await work().finally(stopWatching);
      running.assertSound();
      const runs = running.runs.slice(from[0]);
      return {
        runs,
        failures: runs.filter(({ outcome }) => outcome !== "done" && outcome !== "dropped"),
        deadLetters: running.deadLetters.slice(from[1]),
        waiting: running.waiting(),
        faults: (chaos?.faults ?? []).slice(from[2]),
      };
    });
  }

  function advanceTo(atMs: number): Promise<DrainReport> {
    return reporting(async () => {
      if (atMs < clock.now()) throw timeGoesBack(atMs, clock.now());
      await running.advanceTo(atMs);
    });
  }

  function ofQueue<T extends { queueName: string }>(all: readonly T[], queueName: string | undefined): T[] {
    const names = manifest.queues.map(({ name }) => name);
    if (queueName !== undefined && !names.includes(queueName)) throw unknownQueueError(queueName, names);
    return all.filter((each) => queueName === undefined || each.queueName === queueName);
  }

  async function stop(because: "stopped" | "replaced"): Promise<void> {
    if (ended) return;
    ended = because;
    await last;
    onStop();
    await running.close();
  }

  const project: TestProject = {
    async fetch(path, init) {
      assertRuns();
      await assertRealTimers();
      const request = new Request(new URL(path, BASE_URL), init);
      const api = running.api();
      if (!api) return new Response(null, { status: 404 });
      const response = await askApi(api, request, clock.now());
      running.assertSound();
      return response;
    },
    async push(queueName, ...[payload = null, options]) {
      assertRuns();
      await assertRealTimers();
      return queues.get(queueName).push(payload, options);
    },
    drain: () => reporting(() => running.drain()),
    clock: {
      now: clock.now,
      advance: async (span) => advanceTo(clock.now() + timeSpanInMs(span)),
      advanceTo: async (time) => advanceTo(timeInMs(time)),
    },
    pushed: (queueName) => ofQueue(running.pushed, queueName),
    deadLetters: (queueName) => ofQueue(running.deadLetters, queueName),
    runSchedule: (name) =>
      reporting(async () => {
        const names = manifest.schedules.map((schedule) => schedule.name);
        if (!(await running.runSchedule(name))) throw scheduleNotFoundError(name, names);
      }),
    stop: () => stop("stopped"),
    [Symbol.asyncDispose]: () => stop("stopped"),
  };
  return { project, stop };
}

/** @returns a function that ends it */
function tellOfLongWaits({ running, print }: Pick<RunningProject, "running" | "print">): () => void {
  const timer = startTimer(() => {
    const jobs = running();
    if (jobs.length > 0) print?.(`Draining waits for handlers that have not ended:\n${jobs.join("\n")}`);
  }, LONG_WAIT_MS);
  return () => cancelTimer(timer);
}
