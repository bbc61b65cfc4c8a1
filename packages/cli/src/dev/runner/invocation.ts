import type { Place } from "../worker/claim.js";
import type { FromWorker } from "../worker/protocol.js";
import { STREAM_WINDOW_BYTES } from "../worker/response-stream.js";
import type { AnswerSink, Outcome } from "./outcome.js";

/** What a worker says of the invocation that it runs. */
export type InvocationMessage = Extract<FromWorker, { id: number }>;

/** One invocation on its way through a worker. */
export class Invocation {
  readonly id: number;
  /** When it began, or, until it does, when it was posted: milliseconds since 1970. */
  sinceMs: number;
  /** Where it is to be claimed; null: the worker need not. */
  claimAt: Place | null = null;
  /** Null: it never began. Never rejects. */
  readonly outcome: Promise<Outcome | null>;
  readonly #answer: AnswerSink | null;
  readonly #resume: () => void;
  #resolve: (outcome: Outcome | null) => void = () => {};
  #bytesInWindow = 0;

  /**
   * @param answer - takes the answer of an HTTP invocation
   * @param resume - tells the worker that the client has taken a window's worth
   */
  constructor(id: number, sinceMs: number, answer: AnswerSink | null, resume: () => void) {
    this.id = id;
    this.sinceMs = sinceMs;
    this.#answer = answer;
    this.#resume = resume;
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Returns how it ended, when this message says so. */
  receive(message: InvocationMessage): Outcome | null {
    switch (message.type) {
      case "returned":
        if (message.answer) this.#answer?.answered(message.answer.head, message.answer.body);
        return { kind: "returned", value: message.value };
      case "failed":
        return { kind: "failed", error: message.error, told: message.told };
      case "answered":
        this.#answer?.answered(message.answer.head, message.answer.body);
        return null;
      case "head":
        this.#answer?.head(message.head);
        return null;
      case "chunk":
        this.#chunk(message.bytes);
        return null;
      case "end":
        this.#answer?.end();
        return null;
    }
  }

  end(outcome: Outcome | null): void {
    this.#resolve(outcome);
  }

  #chunk(bytes: Uint8Array): void {
    const slow = this.#answer?.chunk(bytes);
    this.#bytesInWindow += bytes.length;
    if (this.#bytesInWindow < STREAM_WINDOW_BYTES) return;
    this.#bytesInWindow = 0;
    if (slow) void slow.then(this.#resume);
    else this.#resume();
  }
}
