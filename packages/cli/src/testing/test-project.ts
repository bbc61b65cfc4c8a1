import type { PushOptions, QueueTypes } from "@queue-run/runtime";
import type { ChaosOptions, InjectedFault } from "./chaos-options.js";
import type { ProjectClock } from "./project-clock.js";

/** How a project is started in a test. */
export type StartOptions = {
  /** The project's folder. Default: with the Vitest plugin its root, otherwise the current folder. */
  root?: string;
  /** What time it is at first: a Date, a text in ISO 8601, or milliseconds since 1970. Default: now. */
  now?: Date | string | number;
  /** Whether `Date` tells the project's time, everywhere in this process, until `stop()`. Default: false. */
  fakeDate?: boolean;
  /** Variables of the environment, until `stop()`. */
  env?: Record<string, string>;
  /** Whether failures are kept from being printed; `drain()` reports them all the same. Default: false. */
  quiet?: boolean;
  /** What goes wrong as it may on AWS, to find handlers that cannot bear it. `true`: all of it. Default: nothing. */
  chaos?: boolean | ChaosOptions;
};

/** A project that runs in this process: its queues, routes and schedules, on a clock that tests move. */
export type TestProject = {
  /**
   * Sends a request to the project's routes, as `fetch` would to a server. What the route pushed is in its queues then,
   * and has not run.
   *
   * @param path - "/orders/5", or a whole URL, of which the host does not matter
   */
  fetch(path: string | URL, init?: RequestInit): Promise<Response>;
  /**
   * Pushes a job, which runs when the queues are drained.
   *
   * @returns the job's id
   */
  push<N extends NameOfQueue>(
    queueName: N,
    ...payloadAndOptions: PushArguments<PayloadOfQueue<N>>
  ): Promise<string>;
  /**
   * Runs everything that is due: jobs, what they push, and what that pushes, until nothing is left to do now. Jobs with a
   * delay, and retries that wait for their backoff, are left: `clock.advance` gets to them.
   */
  drain(): Promise<DrainReport>;
  /** The project's time, which stands still until it is moved. */
  clock: ProjectClock;
  /** Everything that was pushed so far, whoever pushed it, in order: to one queue, or to all. */
  pushed(queueName?: NameOfQueue): PushedJob[];
  /** The jobs that are in dead-letter queues: of one queue, or of all. */
  deadLetters(queueName?: NameOfQueue): DeadLetteredJob[];
  /** Runs a schedule now, whenever it is due, and what it pushes. */
  runSchedule(name: string): Promise<DrainReport>;
  /** Ends it, and forgets its jobs. What was changed in this process is as it was before. */
  stop(): Promise<void>;
  /** The same as `stop`: `await using project = await startProject()`. */
  [Symbol.asyncDispose](): Promise<void>;
};

/** The project's queues; any text where the generated declarations are not there. */
type NameOfQueue = keyof QueueTypes extends never ? string : keyof QueueTypes & string;

/** `push("name")` pushes null, where the payload may be that. */
type PushArguments<P> = null extends P
  ? [payload?: P, options?: PushOptions]
  : [payload: P, options?: PushOptions];

/** What a queue's jobs take, named ones too; anything where the generated declarations are not there. */
type PayloadOfQueue<N extends string> = N extends keyof QueueTypes
  ? QueueTypes[N] extends { payload: infer P; jobs: infer J }
    ? P | { [K in keyof J]: J[K] extends { payload: infer Q } ? Q : never }[keyof J]
    : unknown
  : unknown;

/** What happened while the queues were drained. */
export type DrainReport = {
  /** Every run of a job or a schedule, in the order in which they ended: one that was retried is there for each attempt. */
  runs: JobRun[];
  /** Those of them that failed. */
  failures: JobRun[];
  /** What came into dead-letter queues. */
  deadLetters: DeadLetteredJob[];
  /** Jobs that wait for their time: delayed, or to be tried again. */
  waiting: number;
  /** What went wrong on purpose. */
  faults: InjectedFault[];
};

/** One attempt at a job, or at a run of a schedule. */
export type JobRun = {
  /** Null for a schedule. */
  queueName: string | null;
  /** Null for a job. */
  scheduleName: string | null;
  jobId: string;
  /** "default", or the named export. */
  job: string;
  group: string | null;
  attempt: number;
  maxAttempts: number;
  outcome: "done" | "retry" | "dead-letter" | "given-up" | "dropped";
  /** What it failed of; null when it did not. */
  error: unknown;
  /** When it comes back; null when it does not. */
  retryAt: Date | null;
};

/** A job as it was pushed. */
export type PushedJob = {
  queueName: string;
  jobId: string;
  job: string;
  payload: unknown;
  group: string | null;
  /** The deduplication id that was given; null where there was none. */
  dedupe: string | null;
  /** Whether SQS took it for a job that had been pushed already: it does not run. */
  isDuplicate: boolean;
  tag: string | null;
  /** When it is due; null: at once. */
  dueAt: Date | null;
  /** On the project's clock. */
  pushedAt: Date;
};

/** A job that was given up. */
export type DeadLetteredJob = {
  queueName: string;
  jobId: string;
  job: string;
  payload: unknown;
  group: string | null;
  attempts: number;
  error: { name: string; message: string; stack: string | null };
};
