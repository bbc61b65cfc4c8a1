import type { Clock } from "../../../packages/cli/src/clock/clock.js";
import {
  type EventSource,
  startEventSource,
} from "../../../packages/cli/src/dev/event-source/event-source.js";
import { brokerMessages } from "../../../packages/cli/src/dev/event-source/message-source.js";
import { ensureQueues } from "../../../packages/cli/src/dev/queues/ensure-queues.js";
import { LOCAL_OWNER } from "../../../packages/cli/src/dev/queues/queues.js";
import type { Broker } from "../../../packages/cli/src/local-sqs/broker/broker.js";
import { createBroker } from "../../../packages/cli/src/local-sqs/broker/create-broker.js";
import { SimulatedStorage } from "../simulated-storage.js";
import { workersClient } from "./client.js";
import { visibleAtStart } from "./disk.js";
import { handlersOf } from "./handlers.js";
import type { Invocation, Ledger } from "./ledger.js";
import { observedBroker } from "./observed-broker.js";
import { Pool } from "./pool.js";
import { type SimulatedQueue, sourceSettings } from "./queues.js";
import { requestsOf } from "./requests.js";
import { recordsOver } from "./table-client.js";
import { Worker } from "./worker.js";
import type { Life, World } from "./world.js";

/** What lives longer than a server. */
export type Run = {
  world: World;
  ledger: Ledger;
  queues: SimulatedQueue[];
  /** By id, of every server so far. */
  invocations: Map<string, Invocation>;
};

/** A development server: broker, event sources and workers, on what an earlier one left on the disk. */
export class Server implements Life {
  alive = true;
  readonly storage: SimulatedStorage;
  readonly #run: Run;
  readonly #pools = new Map<string, Pool>();
  readonly #sources = new Map<string, EventSource>();
  readonly #deferred: (() => void)[] = [];
  readonly #running = new Set<Invocation>();
  /** Of queues that keep no order: what the first receive must give. */
  #firstBodies = new Map<string, string[]>();
  #broker: Broker | null = null;
  #workers = 0;

  constructor(run: Run) {
    this.#run = run;
    this.storage = new SimulatedStorage(run.world.disk);
  }

  get broker(): Broker {
    if (!this.#broker) throw new Error("the server has not started");
    return this.#broker;
  }

  get busyWorkers(): Worker[] {
    return [...this.#pools.values()].flatMap(({ workers }) => [...workers].filter((each) => each.invocation));
  }

  /** The server's clock: it calls nobody back who is gone. */
  get clock(): Clock {
    const { wall } = this.#run.world.time;
    return { now: wall.now, at: (atMs, callback) => wall.at(atMs, () => this.alive && callback()) };
  }

  /** Starts; resolves when the queues are there and are polled. */
  async start(): Promise<void> {
    const { world, queues } = this.#run;
    this.#firstBodies = visibleAtStart(world, queues);
    world.table.releaseLeases("");
    const broker = await createBroker({
      clock: this.clock,
      random: world.random,
      storage: this.storage,
      defer: (callback) => this.#deferred.push(callback),
    });
    this.#broker = observedBroker(broker, { ...this.#run, server: this }, this.#firstBodies);
    const definitions = queues.map((queue) => ({ ...queue, file: "", jobs: [], batch: queue.together }));
    await ensureQueues(broker, definitions, LOCAL_OWNER);
    for (const queue of queues) {
      this.#pools.set(queue.name, this.#pool(queue));
      this.poll(queue);
    }
  }

  /** Ends a turn of the event loop. Returns whether there was anything to do. */
  endTurn(): boolean {
    const deferred = this.#deferred.splice(0);
    for (const callback of deferred) callback();
    return deferred.length > 0;
  }

  /** Starts a queue's event source, in place of the one that it has. */
  poll(queue: SimulatedQueue): void {
    const { world } = this.#run;
    const before = this.#sources.get(queue.name);
    if (before) {
      world.log(`${queue.name} gets another event source`);
      this.forgetOrder(queue.name);
      void before.stop();
    }
    const source = startEventSource(sourceSettings(world, queue), {
      messages: brokerMessages(this.broker, queue.name, LOCAL_OWNER),
      acquire: (signal) => {
        const pool = this.#pools.get(queue.name);
        return this.alive && pool ? pool.acquire(signal) : new Promise(() => {});
      },
      clock: this.clock,
      reports: {
        batchFailed: (messages, { kind }, seconds) =>
          world.log(
            `${queue.name}: ${messages.length} of an invocation that ${kind} are back in ${seconds} s`,
          ),
        pollFailed: (error) => world.log(`${queue.name}: ${error instanceof Error ? error.message : error}`),
      },
    });
    this.#sources.set(queue.name, source);
  }

  /** A receive is called off, and may have taken messages for a moment: the next one need not give the first. */
  forgetOrder(queue: string): void {
    this.#firstBodies.delete(queue);
  }

  /** New settings for a queue's event source. */
  update(queue: SimulatedQueue): void {
    this.#sources.get(queue.name)?.update(sourceSettings(this.#run.world, queue));
  }

  /** Ctrl-C: what runs is cut off, and everything is given back before the store closes. */
  async stop(): Promise<void> {
    const stopped = [...this.#sources.values()].map((source) => source.stop());
    for (const worker of this.busyWorkers) worker.end({ kind: "stopped" });
    await Promise.all(stopped);
    await this.broker.close();
  }

  /** `kill -9`: nothing more happens in it. */
  kill(): void {
    this.alive = false;
    this.storage.die();
    for (const { workers } of this.#pools.values()) for (const worker of workers) worker.alive = false;
    for (const invocation of this.#running) this.#run.ledger.died(invocation);
  }

  #pool(queue: SimulatedQueue): Pool {
    const { world, ledger, invocations } = this.#run;
    const pool: Pool = new Pool(
      queue.workers,
      () =>
        new Worker(`${queue.name}#${++this.#workers}`, {
          world,
          server: this,
          queue,
          client: (worker) =>
            workersClient(
              world,
              this,
              () => this.broker,
              worker,
              () => {
                ledger.lostRequests++;
                ledger.accidents++;
              },
            ),
          records: (worker) => {
            const lose = () => {
              ledger.lostRequests++;
              ledger.accidents++;
            };
            const { steady } = world.time;
            return recordsOver(requestsOf(world, this, worker, lose), world.table, steady.now);
          },
          module: (worker) => handlersOf(world, ledger, worker),
          onStopped: (worker) => {
            if (worker.invocation) ledger.cutOff(worker.invocation);
            pool.stopped(worker);
          },
          onOutcome: (invocation, outcome) => {
            world.log(`${invocation.id} ${outcome.kind}`);
            this.#running.delete(invocation);
            if (outcome.kind !== "died") return;
            ledger.died(invocation);
            world.table.releaseLeases(`${invocation.id}/`);
          },
        }),
      () => {
        const invocation: Invocation = {
          id: `invocation-${invocations.size + 1}`,
          died: false,
          running: new Set(),
          started: [],
          said: new Map(),
        };
        invocations.set(invocation.id, invocation);
        this.#running.add(invocation);
        return invocation;
      },
    );
    return pool;
  }
}
