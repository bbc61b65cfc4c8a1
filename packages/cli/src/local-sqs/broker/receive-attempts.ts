import type { ReceivedMessage } from "./broker.js";

/** How long a receive request attempt id is good for. API Reference, ReceiveMessage. */
const ATTEMPT_MS = 300_000;

/** A message that a receive handed out. */
export type Taken = {
  seq: number;
  receiveId: number;
  /** When it had been received first before this receive; 0: never. */
  firstReceivedBeforeMs: number;
  message: ReceivedMessage;
};

/** What one receive handed out. */
type Attempt = { endsAt: number; messages: Taken[]; visibleAt: number };

/** The receives of a FIFO queue that carried a ReceiveRequestAttemptId: asked again, they answer the same messages. */
export class ReceiveAttempts {
  readonly #attempts = new Map<string, Attempt>();

  add(id: string, messages: Taken[], visibleAt: number, now: number): void {
    for (const [other, { endsAt }] of this.#attempts) {
      if (endsAt > now) break;
      this.#attempts.delete(other);
    }
    this.#attempts.delete(id);
    this.#attempts.set(id, { messages, visibleAt, endsAt: now + ATTEMPT_MS });
  }

  find(id: string, now: number): Attempt | null {
    const attempt = this.#attempts.get(id);
    return attempt && now < attempt.endsAt ? attempt : null;
  }

  forget(id: string): void {
    this.#attempts.delete(id);
  }

  clear(): void {
    this.#attempts.clear();
  }
}
