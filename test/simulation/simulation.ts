import { createTestClock, type TestClock } from "../../packages/cli/src/clock/test-clock.js";
import type { Delivery } from "../../packages/cli/src/local-sqs/broker/broker.js";
import { createSeededRandom, type Random } from "../../packages/cli/src/local-sqs/broker/random.js";
import { checkDisk, checkViews, followMoves } from "./checks.js";
import { Model, type Now } from "./model.js";
import { SimulatedProcess } from "./simulated-process.js";

/** Something that was asked of the broker: how it is called, and what the model makes of its answer. */
export type Call<T = unknown> = {
  name: string;
  /** Nothing else is asked in the same turn: what it is answered would depend on it in ways the model does not follow. */
  alone?: boolean;
  /** Calls the broker, synchronously. */
  start: () => Promise<T>;
  /** Applies the answer to the model, as of the time of the call; throws when the broker should have answered otherwise. */
  apply(answer: T, now: Now): void;
  /** The same for an error. Without it, an error is a failure. */
  applyError?: (error: unknown, now: Now) => void;
};

/** A long poll that has not been answered. */
export type Waiting = {
  queue: string;
  maxMessages: number;
  visibilityTimeoutMs: number;
  held: boolean;
  endsAt: number;
  abort: AbortController;
  answer: { delivery: Delivery } | { error: unknown } | null;
  /** Aborted while its answer was being written: it must hold nothing. */
  hungUp: boolean;
};

/** A delivery that the simulation's clients know of. */
export type Received = { queue: string; body: string; handle: string };

/** A run: a random sequence of calls, faults and jumps of time against one broker, checked after every step. */
export class Simulation {
  readonly random: Random;
  readonly clock: TestClock;
  readonly model = new Model();
  readonly disk = new Map<string, string>();
  readonly trace: string[] = [];
  waiting: Waiting[] = [];
  received: Received[] = [];
  undoable: { delivery: Delivery; handles: string[]; queue: string; undone: boolean }[] = [];
  /** Dead-letter queues that a move task was started for. */
  readonly moving = new Set<string>();
  process!: SimulatedProcess;
  nextBody = 1;
  /** Bodies that must have left their queue for the dead-letter queue when the disk is checked next. */
  readonly mustMove = new Set<string>();
  readonly #shuffle: boolean;
  /** How far the steady clock is ahead of the wall's. */
  #aheadMs = 0;

  constructor(seed: number) {
    this.random = createSeededRandom(seed);
    this.clock = createTestClock();
    this.#shuffle = this.random.next() < 0.3;
  }

  now(): Now {
    return { wallMs: this.clock.now(), steadyMs: this.clock.now() + this.#aheadMs };
  }

  /** From 0 up to, and without, `below`. */
  integer(below: number): number {
    return Math.floor(this.random.next() * below);
  }

  chance(probability: number): boolean {
    return this.random.next() < probability;
  }

  pick<T>(values: readonly T[]): T | undefined {
    return values[this.integer(values.length)];
  }

  log(line: string): void {
    this.trace.push(`${this.clock.now()} ${line}`);
  }

  async start(): Promise<void> {
    this.process = await SimulatedProcess.start(this.disk, this.clock, this.random, this.#shuffle);
  }

  /** Makes calls in one turn, lets them end, and checks. */
  async call(calls: Call[]): Promise<void> {
    const answers = this.#begin(calls);
    await this.process.run();
    await this.#conclude(answers);
    this.check();
  }

  /** As `call`, with more calls made while the first ones' write is under way, and what becomes of that write. */
  async callDuringWrite(
    first: Call[],
    during: Call[],
    end: "written" | "failed" | "killed" | "killed when written",
  ): Promise<void> {
    const firstAnswers = this.#begin(first);
    await this.process.endTurn();
    // A process that dies before it has written down that the client was gone leaves the receive as it was.
    const mayHangUp = end !== "killed when written";
    const hungUp = this.waiting.filter(() => mayHangUp && this.chance(0.3));
    if (hungUp.length > 0) {
      // Nothing else is asked meanwhile: the model does not see what they hold for a moment.
      for (const waiting of hungUp) this.#hangUp(waiting);
      during = [];
    }
    const duringAnswers = this.#begin(during);
    this.log(`${end}`);
    if (end === "written") {
      if (this.process.writing) await this.process.finishWrite();
      await this.#conclude(firstAnswers);
      await this.process.run();
      await this.#conclude(duringAnswers);
    } else if (end === "killed when written") {
      if (this.process.writing) {
        await this.process.finishWrite();
        await this.#conclude(firstAnswers);
      }
      await this.restart();
    } else {
      if (end === "failed" && this.process.writing) {
        await this.process.failWrite();
        await this.#expectFailure([...firstAnswers, ...duringAnswers]);
      }
      await this.restart();
    }
    this.check();
  }

  /** Kills the process and starts the next. */
  async restart(): Promise<void> {
    this.log("restart");
    this.process.kill();
    this.waiting = [];
    this.undoable = [];
    this.#aheadMs = 0;
    this.model.restart(this.now());
    await this.start();
  }

  /** Time goes on, with all that falls due on the way. */
  async advance(ms: number): Promise<void> {
    this.log(`${ms} ms pass`);
    // In small steps where something is waiting, so that every answer has its time.
    for (let left = ms; left > 0; ) {
      const step = this.waiting.length > 0 ? Math.min(left, 500) : left;
      left -= step;
      this.clock.advance(step);
      await this.process.run();
      await this.#conclude([]);
      if (this.waiting.length > 0) this.check();
    }
    this.process.broker.tick();
    await this.process.run();
    await this.#conclude([]);
    this.check();
  }

  /** The wall clock is set back; what runs on is not to notice. */
  async setBack(ms: number): Promise<void> {
    this.log(`the clock goes back ${ms} ms`);
    this.#aheadMs += ms;
    this.clock.jumpTo(this.clock.now() - ms);
    this.process.broker.tick();
    await this.process.run();
    await this.#conclude([]);
    this.check();
  }

  /** The model and the broker must agree on everything. */
  check(): void {
    this.model.settle(this.now());
    checkDisk(this);
    checkViews(this);
    for (const waiting of this.waiting) {
      const queue = this.model.queues.get(waiting.queue);
      if (!queue) throw new Error(`a receive still waits for the deleted queue ${waiting.queue}`);
      if (this.model.deliverable(queue, new Set()).length > 0) {
        throw new Error(`a receive waits though ${waiting.queue} has messages`);
      }
      if (waiting.endsAt <= this.now().steadyMs)
        throw new Error(`a receive of ${waiting.queue} waits for too long`);
    }
  }

  /** The client of a long poll is gone. */
  #hangUp(waiting: Waiting): void {
    this.log(`hang up on ${waiting.queue}`);
    waiting.hungUp = true;
    waiting.abort.abort();
  }

  #begin(calls: Call[]): Begun[] {
    return calls.map((call) => {
      this.log(call.name);
      const outcome: Outcome = { settled: null };
      call.start().then(
        (answer) => {
          outcome.settled = { answer };
        },
        (error: unknown) => {
          outcome.settled = { error };
        },
      );
      return { call, now: this.now(), outcome };
    });
  }

  async #conclude(begun: Begun[]): Promise<void> {
    for (const { call, now, outcome } of begun) {
      if (!outcome.settled) throw new Error(`no answer: ${call.name}`);
      this.model.settle(now);
      if ("answer" in outcome.settled) call.apply(outcome.settled.answer, now);
      else if (call.applyError) call.applyError(outcome.settled.error, now);
      else throw outcome.settled.error;
    }
    const answered = this.waiting.filter(({ answer }) => answer !== null);
    this.waiting = this.waiting.filter(({ answer }) => answer === null);
    this.model.settle(this.now());
    // What was moved may have been received at once where it went.
    if (answered.length > 0) followMoves(this);
    for (const waiting of answered) this.answered(waiting, this.now());
  }

  async #expectFailure(begun: Begun[]): Promise<void> {
    for (const { call, outcome } of begun) {
      if (!outcome.settled) throw new Error(`no answer after a failed write: ${call.name}`);
    }
    for (const { queue, answer } of this.waiting) {
      if (answer === null) throw new Error(`a receive of ${queue} waits on after a failed write`);
    }
    const code = await this.process.broker.flush().then(
      () => "accepted",
      (error: { code?: string }) => error.code,
    );
    if (code !== "QR_LOCAL_STORE_FAILED") throw new Error(`after a failed write, the broker says ${code}`);
  }

  /** Set by the actions: what the model makes of the answer to a long poll. */
  answered: (waiting: Waiting, now: Now) => void = () => {};
}

type Outcome = { settled: { answer: unknown } | { error: unknown } | null };
type Begun = { call: Call; now: Now; outcome: Outcome };
