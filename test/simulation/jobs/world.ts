import { createSeededRandom, type Random } from "../../../packages/cli/src/local-sqs/broker/random.js";
import { SimulatedTime } from "./simulated-time.js";
import { SimulatedTable } from "./table.js";

/** A thread or a process, as far as it can end: what is on its way to it, or waits in it, then never happens. */
export type Life = { alive: boolean };

type Arrival = { label: string; at: Life; arrive: () => void };

/** Turns of the event loop after each event: for chains of promises, and requests that gather for a turn. */
const TURNS = 2;

/** What a run is made of: one clock, one source of chance, one disk, and what is on its way between processes. */
export class World {
  readonly random: Random;
  readonly time = new SimulatedTime();
  /** What survives every crash. */
  readonly disk = new Map<string, string>();
  /** The table of job records: as durable as the disk. */
  readonly table = new SimulatedTable();
  readonly trace: string[] = [];
  /** The first thing that must not happen. */
  failure: Error | null = null;
  /** No more accidents: what is left is to be worked off. */
  calm = false;
  /** What goes wrong in this run: what goes wrong in all of them would excuse too much. */
  readonly faults: { crashes: boolean; lostRequests: boolean; clockJumps: boolean; failedWrites: boolean };
  #onTheWay: Arrival[] = [];

  constructor(seed: number) {
    this.random = createSeededRandom(seed);
    this.faults = {
      crashes: this.chance(0.7),
      lostRequests: this.chance(0.3),
      clockJumps: this.chance(0.3),
      failedWrites: this.chance(0.3),
    };
  }

  log(line: string): void {
    this.trace.push(`${this.time.steadyMs} ${line}`);
  }

  /** Something that must not happen has happened. */
  fail(message: string): void {
    this.log(`FAILED: ${message}`);
    this.failure ??= new Error(message);
  }

  /** From 0 up to, and without, `below`. */
  integer(below: number): number {
    return Math.floor(this.random.next() * below);
  }

  chance(probability: number): boolean {
    return this.random.next() < probability;
  }

  pick<T>(values: readonly [T, ...T[]]): T;
  pick<T>(values: readonly T[]): T | undefined;
  pick<T>(values: readonly T[]): T | undefined {
    return values[this.integer(values.length)];
  }

  /** Sends something on its way: it arrives some time later, or never, if nobody is there any more. */
  send(label: string, at: Life, arrive: () => void): void {
    if (at.alive) this.#onTheWay.push({ label, at, arrive });
  }

  get onTheWay(): number {
    this.#onTheWay = this.#onTheWay.filter(({ at }) => at.alive);
    return this.#onTheWay.length;
  }

  /** One of the things on the way arrives: any of them. */
  arrive(): void {
    const [arrival] = this.#onTheWay.splice(this.integer(this.#onTheWay.length), 1);
    if (!arrival?.at.alive) return;
    this.log(arrival.label);
    arrival.arrive();
  }

  /** Lets everything happen that waits for nothing from outside. */
  async settle(endTurn: () => boolean): Promise<void> {
    do for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
    while (endTurn());
  }
}
