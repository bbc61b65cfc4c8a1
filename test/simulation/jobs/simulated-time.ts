import type { Clock } from "../../../packages/cli/src/clock/clock.js";

type Timer = { dueMs: number; wallMs: number | null; callback: () => void };

/** How late the machine's clock notices, at most, that the wall clock was set ahead: the longest sleep of a timer. */
const LATE_AT_MOST_MS = 5_000;

/**
 * Time as a machine has it: it runs on by itself, and the wall clock, which tells it, can be set. It stands still until
 * the simulation moves it, and runs one timer at a time.
 */
export class SimulatedTime {
  #steadyMs = 0;
  #aheadMs = Date.UTC(2026, 0, 1);
  #timers: Timer[] = [];

  /** As the server's own clock: timers go by the wall clock, and notice within seconds that it was set. */
  readonly wall: Clock = {
    now: () => this.#steadyMs + this.#aheadMs,
    at: (atMs, callback) => this.#add({ dueMs: atMs - this.#aheadMs, wallMs: atMs, callback }),
  };

  /** As Node's timers: a wait lasts as long as it was when it began. */
  readonly steady: Clock = {
    now: () => this.#steadyMs + this.#aheadMs,
    at: (atMs, callback) => this.#add({ dueMs: atMs - this.#aheadMs, wallMs: null, callback }),
  };

  /** Milliseconds since the start of the run, whatever the wall clock says. */
  get steadyMs(): number {
    return this.#steadyMs;
  }

  get hasDue(): boolean {
    return this.#nextDueMs() <= this.#steadyMs;
  }

  /** Time goes on, and nothing is called back. */
  pass(ms: number): void {
    this.#steadyMs += ms;
  }

  /** Goes on to the next timer, if that is later than now, and calls it back. */
  runNext(): void {
    let next: Timer | null = null;
    for (const timer of this.#timers) if (!next || timer.dueMs < next.dueMs) next = timer;
    if (!next) return;
    this.#steadyMs = Math.max(this.#steadyMs, next.dueMs);
    this.#timers.splice(this.#timers.indexOf(next), 1);
    next.callback();
  }

  /**
   * Somebody sets the wall clock.
   *
   * @param random - 0 inclusive to 1 exclusive: how late each timer that is due by then notices
   */
  set(byMs: number, random: () => number): void {
    this.#aheadMs += byMs;
    for (const timer of this.#timers) {
      if (timer.wallMs === null) continue;
      const dueMs = timer.wallMs - this.#aheadMs;
      timer.dueMs = dueMs > this.#steadyMs ? dueMs : this.#steadyMs + Math.floor(random() * LATE_AT_MOST_MS);
    }
  }

  #nextDueMs(): number {
    return this.#timers.reduce((first, { dueMs }) => Math.min(first, dueMs), Number.POSITIVE_INFINITY);
  }

  #add(timer: Timer): () => void {
    timer.dueMs = Math.ceil(timer.dueMs);
    this.#timers.push(timer);
    return () => {
      const place = this.#timers.indexOf(timer);
      if (place >= 0) this.#timers.splice(place, 1);
    };
  }
}
