import { resolve } from "node:path";
import { bindQueues } from "@queue-run/runtime/bind";
import { ProjectProblemsError } from "../errors/project-errors.js";
import { scheduleNotFoundError } from "../errors/schedule-errors.js";
import { projectStopped, timeGoesBack } from "../errors/testing-errors.js";
import { unknownQueueError } from "../errors/unknown-name-errors.js";
import { readProject } from "../project/read-project.js";
import { askApi } from "./api-request.js";
import { type Chaos, createChaos } from "./chaos.js";
import type { LoadFile } from "./functions.js";
import { loadBuiltFiles } from "./load-files.js";
import { changeProcess } from "./process-changes.js";
import { assertRealTimers } from "./real-timers.js";
import { type RunningProject, runProject } from "./running-project.js";
import type { DrainReport, StartOptions, TestProject } from "./test-project.js";
import { timeInMs, timeSpanInMs } from "./time-span.js";

export type { ChaosOptions, InjectedFault } from "./chaos-options.js";
export type { ProjectClock } from "./project-clock.js";
export type {
  DeadLetteredJob,
  DrainReport,
  JobRun,
  PushedJob,
  StartOptions,
  TestProject,
} from "./test-project.js";
export type { TimeSpan } from "./time-span.js";

/** What runs the tests, as far as a project needs to know. */
export type TestRunner = {
  /** The project's folder. */
  root?: string;
  /** Loads a file as the tests' own imports do. @param file - absolute */
  load?: (file: string) => Promise<Record<string, unknown>>;
  /** Calls back when the test that is running has failed. @throws where none is running */
  onTestFailed?: (callback: () => void) => void;
};

/** The project's own address. Nothing listens there. */
const BASE_URL = "http://localhost:8000";

/** The one that runs in this process: the runtime serves one project at a time. */
let current: { stop: (because: "replaced") => Promise<void> } | null = null;

/**
 * Starts the project inside of this process: no port, no file but what is built, no other process.
 *
 * @throws QueueRunError with every problem of the project's files
 */
export const startProject: (options?: StartOptions) => Promise<TestProject> = projectStarter({});

/** Makes `startProject` for tests that something runs. */
export function projectStarter(runner: TestRunner): (options?: StartOptions) => Promise<TestProject> {
  return async (options = {}) => {
    await current?.stop("replaced");
    const root = resolve(options.root ?? runner.root ?? ".");
    const reading = await readProject(root, { stage: "test" });
    if ("problems" in reading) throw new ProjectProblemsError(reading.problems);
    const { manifest } = reading;
    const load = runner.load
      ? loadWith(runner.load, root)
      : loadBuiltFiles(root, manifest.settings.external ?? []);
    const chaos = createChaos(options.chaos ?? false, () => Math.floor(Math.random() * 2 ** 32));
    if (chaos) tellSeed(chaos, runner);
    const running = await runProject(manifest, {
      load,
      startMs: options.now === undefined ? Date.now() : timeInMs(options.now),
      seed: chaos?.seed ?? 1,
      chaos,
      baseUrl: BASE_URL,
      print: options.quiet ? null : (line, error) => console.error(line, error),
    });
    const takeBack = changeProcess({
      instance: running.instance,
      env: {
        ...withoutKnown(manifest.settings.env ?? {}),
        ...options.env,
        QUEUE_RUN_STAGE: "test",
        QUEUE_RUN_URL: BASE_URL,
      },
      now: options.fakeDate ? running.clock.now : null,
    });
    return toTestProject(running, chaos, manifest, takeBack);
  };
}

function loadWith(load: NonNullable<TestRunner["load"]>, root: string): LoadFile {
  return (file) => load(resolve(root, file));
}

/** The shell's variables have precedence over the project's. */
function withoutKnown(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => process.env[name] === undefined));
}

/** A test that failed because of what went wrong can be run again, with the same going wrong. */
function tellSeed({ seed }: Chaos, { onTestFailed }: TestRunner): void {
  const tell = (): void =>
    console.error(
      `The chaos of this test has the seed ${seed}: with chaos: { seed: ${seed} } the same goes wrong again.`,
    );
  try {
    if (onTestFailed) onTestFailed(tell);
    else tell();
  } catch {
    // No test is running: the project is started for several.
    tell();
  }
}

type Names = { queues: readonly { name: string }[]; schedules: readonly { name: string }[] };

function toTestProject(
  running: RunningProject,
  chaos: Chaos | null,
  manifest: Names,
  takeBack: () => void,
): TestProject {
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
      await work();
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

  async function stop(because: "stopped" | "replaced" = "stopped"): Promise<void> {
    if (ended) return;
    ended = because;
    if (current === self) current = null;
    await last;
    takeBack();
    await running.close();
  }

  const self = { stop };
  current = self;
  return {
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
    stop: () => stop(),
    [Symbol.asyncDispose]: () => stop(),
  };
}
