import type { SQSEvent } from "aws-lambda";
import type { Clock } from "../../../packages/cli/src/clock/clock.js";
import type { DeathCause, Outcome } from "../../../packages/cli/src/dev/runner/outcome.js";
import { toPortableError } from "../../../packages/cli/src/dev/worker/portable-error.js";
import type { QueueDelivery } from "../../../packages/cli/src/dev/worker/protocol.js";
import { toSqsEvent } from "../../../packages/cli/src/dev/worker/sqs-event.js";
import type { ReceivedMessage } from "../../../packages/cli/src/local-sqs/broker/broker.js";
import type { SqsClient } from "../../../packages/runtime/src/aws/sqs-client.js";
import { functionTimeoutSeconds } from "../../../packages/runtime/src/config/index.js";
import { createSqsJobQueue } from "../../../packages/runtime/src/job/sqs-job-queue.js";
import {
  createQueueHandler,
  type QueueLambdaHandler,
  type UserModule,
} from "../../../packages/runtime/src/lambda/queue.js";
import type { JobRecords } from "../../../packages/runtime/src/records/record-store.js";
import type { Invocation } from "./ledger.js";
import type { SimulatedQueue } from "./queues.js";
import type { Life, World } from "./world.js";

/** The server's own patience beyond a function's deadline. */
const DEADLINE_GRACE_MS = 100;

/** What a worker needs of the server that it belongs to. */
export type WorkerPorts = {
  world: World;
  server: Life;
  queue: SimulatedQueue;
  client: (worker: Worker) => SqsClient;
  records: (worker: Worker) => JobRecords;
  module: (worker: Worker) => UserModule;
  /** It has ended an invocation with this outcome, as the server sees it. */
  onOutcome: (invocation: Invocation, outcome: Outcome) => void;
  /** Its code has stopped. */
  onStopped: (worker: Worker) => void;
};

/** An execution environment: the runtime's own entry point for one queue, in a thread that can block and end. */
export class Worker implements Life {
  alive = true;
  invocation: Invocation | null = null;
  readonly name: string;
  readonly ports: WorkerPorts;
  readonly #handler: QueueLambdaHandler;
  #resolve: ((outcome: Outcome) => void) | null = null;
  #cancelDeadline = () => {};
  #waiting: (() => void)[] | null = null;

  constructor(name: string, ports: WorkerPorts) {
    this.name = name;
    this.ports = ports;
    const { world, queue } = ports;
    this.#handler = createQueueHandler(
      {
        name: queue.name,
        fifo: queue.fifo,
        settings: queue.settings,
        load: async () => {
          if (!world.calm && world.chance(0.03)) throw new Error("simulated: the code cannot be loaded");
          return ports.module(this);
        },
      },
      {
        queue: createSqsJobQueue({
          client: ports.client(this),
          queueName: queue.name,
          queueUrl: queue.name,
          deadLetterQueueUrl: queue.deadLetters,
          fifo: queue.fifo,
          codeVersion: "$LATEST",
          now: world.time.steady.now,
        }),
        records: ports.records(this),
        clock: this.clock(),
        random: () => world.random.next(),
      },
    );
  }

  /** Node's timers, as far as this thread is alive and does not block. */
  clock(): Clock {
    const { steady } = this.ports.world.time;
    return {
      now: steady.now,
      at: (atMs, callback) =>
        atMs === Number.POSITIVE_INFINITY ? () => {} : steady.at(atMs, () => this.enter(callback)),
    };
  }

  /** Something happens in this thread: now, when it has stopped blocking, or never. */
  enter(callback: () => void): void {
    if (!this.alive) return;
    if (this.#waiting) this.#waiting.push(callback);
    else callback();
  }

  sleep(ms: number): Promise<void> {
    const { steady } = this.ports.world.time;
    return new Promise((resolve) => steady.at(steady.now() + ms, () => this.enter(resolve)));
  }

  /** The thread computes: nothing else happens in it for so long. */
  block(ms: number): Promise<void> {
    const { steady } = this.ports.world.time;
    this.#waiting ??= [];
    return new Promise((resolve) => {
      steady.at(steady.now() + ms, () => {
        if (!this.alive) return;
        const waiting = this.#waiting ?? [];
        this.#waiting = null;
        resolve();
        for (const callback of waiting) this.enter(callback);
      });
    });
  }

  /** Runs one invocation, as the server asks for it. Never rejects. */
  invoke(delivery: QueueDelivery, invocation: Invocation): Promise<Outcome> {
    const { world, queue } = this.ports;
    const seconds = functionTimeoutSeconds(queue.settings, queue.fifo);
    const deadlineMs = world.time.wall.now() + seconds * 1_000;
    this.invocation = invocation;
    this.#cancelDeadline = world.time.wall.at(deadlineMs + DEADLINE_GRACE_MS, () =>
      this.end({ kind: "deadline", timeoutSeconds: seconds }),
    );
    const messages = structuredClone(delivery.messages) as ReceivedMessage[];
    const event = toSqsEvent({ ...delivery, messages }) as unknown as SQSEvent;
    world.send(`${invocation.id} reaches ${this.name}`, this, () =>
      this.enter(() => void this.#run(event, deadlineMs, invocation)),
    );
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  async #run(event: SQSEvent, deadlineMs: number, invocation: Invocation): Promise<void> {
    const { world, server } = this.ports;
    const context = {
      awsRequestId: invocation.id,
      getRemainingTimeInMillis: () => Math.max(0, deadlineMs - world.time.steady.now()),
    };
    const outcome = await this.#handler(event, context).then<Outcome, Outcome>(
      (value) => ({ kind: "returned", value }),
      (error: unknown) => ({ kind: "failed", error: toPortableError(error), told: true }),
    );
    if (this.alive)
      world.send(`${invocation.id} is answered`, server, () => this.#ended(invocation, outcome));
  }

  /** The code in it ends itself: the server hears of it a little later. */
  exit(): void {
    const { invocation } = this;
    this.#stop();
    if (!invocation) return;
    this.ports.world.send(`${this.name} has exited`, this.ports.server, () =>
      this.#ended(invocation, { kind: "died", cause: { kind: "exit", exitCode: 1 } }),
    );
  }

  /** The server ends it. */
  end(cause: DeathCause): void {
    const { invocation } = this;
    this.#stop();
    if (invocation) this.#ended(invocation, { kind: "died", cause });
  }

  #stop(): void {
    if (!this.alive) return;
    this.alive = false;
    this.ports.world.log(`${this.name} ends`);
    this.ports.onStopped(this);
  }

  #ended(invocation: Invocation, outcome: Outcome): void {
    if (this.invocation !== invocation || !this.ports.server.alive) return;
    this.invocation = null;
    this.#cancelDeadline();
    this.ports.onOutcome(invocation, outcome);
    // Node keeps a module that failed to load as failed: only a new worker can load it again.
    if (outcome.kind === "failed") this.#stop();
    this.#resolve?.(outcome);
  }
}
