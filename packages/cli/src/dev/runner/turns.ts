import type { Clock } from "../../clock/clock.js";
import { type Claims, claim, createClaims, offer, type Place } from "../worker/claim.js";
import type { Invocation } from "./invocation.js";
import type { Outcome } from "./outcome.js";

/** How long after its function's time is up a worker is ended: the runtime's own report may be on its way. */
const DEADLINE_GRACE_MS = 100;

/** The invocation that a worker runs, and the one that was posted to it ahead of its turn. */
export class Turns {
  /** What both threads know of the one that was posted ahead. */
  readonly claims: Claims = createClaims();
  readonly #clock: Clock;
  readonly #onDeadline: (timeoutSeconds: number) => void;
  #timeoutSeconds: number | null = null;
  #running: Invocation | null = null;
  #next: Invocation | null = null;
  #cancelDeadline: () => void = () => {};

  /** @param onDeadline - the running one's time is up */
  constructor(clock: Clock, onDeadline: (timeoutSeconds: number) => void) {
    this.#clock = clock;
    this.#onDeadline = onDeadline;
  }

  get running(): Invocation | null {
    return this.#running;
  }

  get next(): Invocation | null {
    return this.#next;
  }

  /**
   * Takes an invocation in: as the running one, or as the next where one runs already.
   *
   * @param timeoutSeconds - from when it begins; null: it is not timed
   * @returns where the worker has to claim it, when it is the next
   */
  add(invocation: Invocation, timeoutSeconds: number | null): Place | null {
    this.#timeoutSeconds = timeoutSeconds;
    if (!this.#running) {
      this.#begin(invocation);
      return null;
    }
    this.#next = invocation;
    invocation.claimAt = this.#running.claimAt === 0 ? 1 : 0;
    offer(this.claims, invocation.claimAt, invocation.id);
    return invocation.claimAt;
  }

  /** Takes the next one back, which then never began. Returns false when there is none, or it has begun. */
  takeBack(): boolean {
    const next = this.#next;
    if (!next || !this.#claim(next)) return false;
    this.#next = null;
    next.end(null);
    return true;
  }

  /** The running one has ended. A worker that goes on has begun the next by itself. */
  end(outcome: Outcome): void {
    const running = this.#running;
    if (!running) return;
    this.#running = null;
    this.#cancelDeadline();
    this.#cancelDeadline = () => {};
    // One whose turn had come, but that the worker had not begun when it died, is as good as never posted.
    running.end(outcome.kind === "died" && this.#claim(running) ? null : outcome);
    const next = this.#next;
    if (!next) return;
    if (outcome.kind === "returned") {
      this.#next = null;
      this.#begin(next);
    } else if (!this.takeBack()) {
      // It had begun before the end of the worker was known here.
      this.#next = null;
      next.end(outcome);
    }
  }

  #claim({ id, claimAt }: Invocation): boolean {
    return claimAt !== null && claim(this.claims, claimAt, id);
  }

  #begin(invocation: Invocation): void {
    const timeoutSeconds = this.#timeoutSeconds;
    this.#running = invocation;
    invocation.sinceMs = this.#clock.now();
    if (timeoutSeconds !== null)
      this.#cancelDeadline = this.#clock.at(
        invocation.sinceMs + timeoutSeconds * 1000 + DEADLINE_GRACE_MS,
        () => this.#onDeadline(timeoutSeconds),
      );
  }
}
