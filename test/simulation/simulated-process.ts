import type { Clock } from "../../packages/cli/src/clock/clock.js";
import type { TestClock } from "../../packages/cli/src/clock/test-clock.js";
import type { Broker } from "../../packages/cli/src/local-sqs/broker/broker.js";
import { createBroker } from "../../packages/cli/src/local-sqs/broker/create-broker.js";
import type { Random } from "../../packages/cli/src/local-sqs/broker/random.js";
import { SimulatedStorage } from "./simulated-storage.js";

/** Enough turns of the microtask queue for every chain of promises between a call and its answer. */
const MICROTASKS = 24;

/**
 * A process with a broker in it, in which nothing happens by itself: the end of a turn, the end of a write and the
 * passing of time come when they are asked for, so that a seed always gives the same run.
 */
export class SimulatedProcess {
  readonly broker: Broker;
  readonly #storage: SimulatedStorage;
  readonly #life: { alive: boolean; deferred: (() => void)[] };

  private constructor(
    broker: Broker,
    storage: SimulatedStorage,
    life: { alive: boolean; deferred: (() => void)[] },
  ) {
    this.broker = broker;
    this.#storage = storage;
    this.#life = life;
  }

  /** Starts on what an earlier process left on the disk. */
  static async start(
    disk: Map<string, string>,
    clock: TestClock,
    random: Random,
    shuffle: boolean,
  ): Promise<SimulatedProcess> {
    const storage = new SimulatedStorage(disk);
    const life = { alive: true, deferred: [] as (() => void)[] };
    const guarded: Clock = {
      now: () => clock.now(),
      at: (atMs, callback) => clock.at(atMs, () => life.alive && callback()),
    };
    const broker = await createBroker({
      clock: guarded,
      random,
      storage,
      shuffle,
      defer: (callback) => life.deferred.push(callback),
    });
    const process = new SimulatedProcess(broker, storage, life);
    await process.run();
    return process;
  }

  /** Runs until nothing is left to do: turns end, writes succeed. */
  async run(): Promise<void> {
    do {
      await this.endTurn();
      if (this.#storage.writing) {
        this.#storage.finishWrite();
        await microtasks();
      }
    } while (this.#life.deferred.length > 0 || this.#storage.writing);
  }

  /** Ends the turn of the event loop: a write starts, if there is anything to write. */
  async endTurn(): Promise<void> {
    await microtasks();
    for (const callback of this.#life.deferred.splice(0)) callback();
    await microtasks();
  }

  get writing(): boolean {
    return this.#storage.writing;
  }

  /** The write under way succeeds, and nothing else happens. */
  async finishWrite(): Promise<void> {
    this.#storage.finishWrite();
    await microtasks();
  }

  /** The write under way fails. */
  async failWrite(): Promise<void> {
    this.#storage.failWrite();
    await microtasks();
  }

  /** Kills the process; a write that is under way then has not happened. */
  kill(): void {
    this.#life.alive = false;
    this.#life.deferred.length = 0;
    this.#storage.die();
  }
}

async function microtasks(): Promise<void> {
  for (let turn = 0; turn < MICROTASKS; turn++) await null;
}
