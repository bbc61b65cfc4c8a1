import { fatal, retryAfter } from "../../../packages/runtime/src/errors/job-errors.js";
import type { BatchJob, JobMetadata } from "../../../packages/runtime/src/job/job-metadata.js";
import type { UserModule } from "../../../packages/runtime/src/lambda/queue.js";
import type { Invocation, Ledger, LedgerMessage } from "./ledger.js";
import type { Worker } from "./worker.js";
import type { World } from "./world.js";

/** What a message says of itself. `nature`: what every run of its handler does, instead of anything. */
export type Payload = { body: string; nature: "any" | "good" | "throws" | "exits" };

/** One run of a handler for one job. */
type Run = {
  world: World;
  ledger: Ledger;
  worker: Worker;
  invocation: Invocation;
  message: LedgerMessage;
  metadata: JobMetadata;
};

const never = new Promise<never>(() => {});

/** Everything that handlers do, with how often. What a handler says of its job is noted as it says it. */
const DEEDS: [weight: number, name: string, deed: (run: Run) => unknown][] = [
  [24, "returns", (run) => say(run, "done")],
  [
    24,
    "returns later",
    async (run) => {
      await pause(run);
      say(run, "done");
    },
  ],
  [7, "throws", (run) => throwError(run)],
  [
    7,
    "throws later",
    async (run) => {
      await pause(run);
      throwError(run);
    },
  ],
  [
    5,
    "asks for a retry",
    async (run) => {
      say(run, "failed", "The handler asked for another attempt.");
      run.metadata.retry(run.world.chance(0.5) ? {} : { delay: run.world.integer(10) });
      await pause(run);
    },
  ],
  [
    3,
    "throws retryAfter",
    async (run) => {
      await pause(run);
      throwThis(run, retryAfter(run.world.integer(10)));
    },
  ],
  [
    3,
    "fails",
    async (run) => {
      const reason = reasonOf(run, "hopeless");
      say(run, "failed", reason);
      run.metadata.fail(reason);
      await pause(run);
    },
  ],
  [
    5,
    "says how far it is",
    async (run) => {
      for (let n = 0; n < 5; n++) void run.metadata.progress(n).catch(() => {});
      await pause(run);
      say(run, "done");
    },
  ],
  [2, "throws fatal", (run) => throwThis(run, fatal(reasonOf(run, "fatal")))],
  [
    4,
    "acks and goes on",
    async (run) => {
      ack(run);
      await pause(run);
    },
  ],
  [
    3,
    "acks and throws",
    async (run) => {
      await pause(run);
      ack(run);
      await pause(run);
      throwError(run);
    },
  ],
  [
    3,
    "acks and never returns",
    (run) => {
      ack(run);
      return never;
    },
  ],
  [
    2,
    "acks and exits",
    async (run) => {
      ack(run);
      await pause(run);
      run.worker.exit();
      return never;
    },
  ],
  [4, "never returns", () => never],
  [
    3,
    "blocks",
    async (run) => {
      await pause(run);
      await run.worker.block(run.world.integer(run.worker.ports.queue.settings.timeoutSeconds * 2_000));
      say(run, "done");
    },
  ],
  [
    2,
    "exits",
    (run) => {
      run.worker.exit();
      return never;
    },
  ],
  [
    3,
    "exits later",
    async (run) => {
      await pause(run);
      run.worker.exit();
      return never;
    },
  ],
  [
    2,
    "returns, and exits soon",
    (run) => {
      say(run, "done");
      void run.worker.sleep(run.world.integer(300)).then(() => run.worker.exit());
    },
  ],
];

const TOTAL = DEEDS.reduce((sum, [weight]) => sum + weight, 0);

/** What a queue's file exports, in that worker. */
export function handlersOf(world: World, ledger: Ledger, worker: Worker): UserModule {
  const runOf = (metadata: JobMetadata): Run | null => {
    const { invocation } = worker;
    const message = ledger.ofJob(metadata.jobId);
    return worker.alive && invocation && message
      ? { world, ledger, worker, invocation, message, metadata }
      : null;
  };
  const one = (payload: unknown, metadata: JobMetadata): unknown => {
    const run = runOf(metadata);
    if (!run) return never;
    ledger.started([run.message], run.invocation);
    ledger.attempted(run.message, metadata.attempt);
    return act(run, payload as Payload);
  };
  const together = async (jobs: BatchJob[]): Promise<void> => {
    const runs = jobs.map(runOf);
    const all = runs.filter((run) => run !== null);
    if (all.length < runs.length || !all[0]) return never;
    ledger.started(
      all.map(({ message }) => message),
      all[0].invocation,
    );
    for (const { message, metadata } of all) ledger.attempted(message, metadata.attempt);
    world.log(`${worker.name}: batch of ${all.map(({ message }) => message.body).join(" ")}`);
    await callTogether(
      all,
      jobs.map(({ payload }) => payload as Payload),
    );
  };
  return worker.ports.queue.together ? { batch: together } : { default: one };
}

function act(run: Run, { body, nature }: Payload): unknown {
  const { world, worker } = run;
  let at = world.random.next() * TOTAL;
  const drawn = DEEDS.find(([weight]) => {
    at -= weight;
    return at < 0;
  });
  const fixed = nature === "exits" ? "exits later" : nature === "throws" ? "throws" : null;
  const name = fixed ?? (nature === "good" || world.calm ? "returns later" : (drawn?.[1] ?? "returns"));
  world.log(`${worker.name}: ${body} ${name}`);
  return DEEDS.find((each) => each[1] === name)?.[2](run);
}

/** A call of `batch`: some jobs are given their own outcome, and the call ends in one way for the rest. */
async function callTogether(runs: Run[], payloads: Payload[]): Promise<void> {
  const [first] = runs;
  if (!first) return;
  const { world, worker } = first;
  if (payloads.some(({ nature }) => nature === "exits")) {
    await pause(first);
    worker.exit();
    return never;
  }
  for (const [index, run] of runs.entries()) {
    const what = payloads[index]?.nature === "throws" ? 0.25 : world.calm ? 1 : world.random.next();
    if (what < 0.1) ack(run);
    else if (what < 0.2) {
      say(run, "failed", "The handler asked for another attempt.");
      run.metadata.retry({ delay: world.integer(5) });
    } else if (what < 0.3) {
      const reason = reasonOf(run, "hopeless");
      say(run, "failed", reason);
      run.metadata.fail(reason);
    }
  }
  await pause(first);
  const end = world.calm ? 0 : world.random.next();
  if (end < 0.6) for (const run of runs) say(run, "done");
  else if (end < 0.8) {
    const error = new Error(reasonOf(first, "all of us"));
    for (const run of runs) say(run, "failed", error.message);
    throw error;
  } else if (end < 0.9) {
    worker.exit();
    return never;
  } else return never;
}

/** Notes an outcome, unless there is one, or the job is over: the first counts, and none that comes too late. */
function say({ invocation, message, worker }: Run, outcome: "done" | "failed", reason?: string): void {
  if (!worker.alive || !invocation.running.has(message)) return;
  if (reason !== undefined) message.failures.push(reason);
  if (!invocation.said.has(message)) invocation.said.set(message, outcome);
}

function ack(run: Run): void {
  say(run, "done");
  run.ledger.acked(run.message, run.invocation);
  run.metadata.ack();
}

function throwError(run: Run): never {
  return throwThis(run, new Error(reasonOf(run, "boom")));
}

function throwThis(run: Run, error: Error): never {
  say(run, "failed", error.message);
  throw error;
}

const reasonOf = ({ message }: Run, why: string) => `${why}: ${message.body}, run ${message.starts}`;

/** Mostly short; now and then as long as the job's timeout, or longer. */
function pause({ world, worker }: Run): Promise<void> {
  const timeoutMs = worker.ports.queue.settings.timeoutSeconds * 1_000;
  const ms = world.chance(0.7) || world.calm ? world.integer(200) : world.integer(timeoutMs * 1.2);
  return worker.sleep(ms);
}
