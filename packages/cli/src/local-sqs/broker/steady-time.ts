import type { Clock } from "../../clock/clock.js";

/**
 * Time that never goes back, for timeouts: a wall clock set back an hour must not hide messages for an hour longer.
 * What is stored, or shown to users, is wall time.
 */
export class SteadyTime {
  readonly #clock: Clock;
  #lastWallMs: number;
  #aheadMs = 0;
  #alarmAt = Number.POSITIVE_INFINITY;
  #cancelAlarm: (() => void) | null = null;
  readonly #onAlarm: () => void;

  constructor(clock: Clock, onAlarm: () => void) {
    this.#clock = clock;
    this.#lastWallMs = clock.now();
    this.#onAlarm = onAlarm;
  }

  /** Milliseconds since 1970, by the wall clock. */
  wall(): number {
    return this.#clock.now();
  }

  /** Milliseconds that only grow; equal to the wall clock's until that is set back. */
  now(): number {
    const wallMs = this.#clock.now();
    if (wallMs < this.#lastWallMs) {
      this.#aheadMs += this.#lastWallMs - wallMs;
      this.#lastWallMs = wallMs;
      this.#arm();
    }
    this.#lastWallMs = wallMs;
    return wallMs + this.#aheadMs;
  }

  /** Makes sure that the alarm goes off at or after `atMs` of steady time; one alarm serves all, the earliest wins. */
  alarm(atMs: number): void {
    if (atMs >= this.#alarmAt) return;
    this.#alarmAt = atMs;
    this.#arm();
  }

  stop(): void {
    this.#cancelAlarm?.();
    this.#cancelAlarm = null;
    this.#alarmAt = Number.POSITIVE_INFINITY;
  }

  #arm(): void {
    this.#cancelAlarm?.();
    this.#cancelAlarm = null;
    if (this.#alarmAt === Number.POSITIVE_INFINITY) return;
    this.#cancelAlarm = this.#clock.at(this.#alarmAt - this.#aheadMs, () => {
      this.#cancelAlarm = null;
      this.#alarmAt = Number.POSITIVE_INFINITY;
      this.#onAlarm();
    });
  }
}
