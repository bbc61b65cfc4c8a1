import { ArrivalOrder } from "./arrival-order.js";
import type { MessageContent } from "./records.js";

/**
 * UTF-16 characters of bodies that are kept: some thousand jobs. More would outlive V8's young generation in a queue
 * that grows, which costs more than reading them back.
 */
const MAX_CHARACTERS = 2_000_000;
/** What a message costs besides its body, in characters. */
const OVERHEAD = 300;

/** The contents of the messages sent last, so that a queue that keeps up never reads the disk. Keys come once. */
export class ContentCache {
  readonly #contents = new Map<string, MessageContent>();
  readonly #order = new ArrivalOrder();
  readonly #maxCharacters: number;
  readonly #isKept = (key: string) => this.#contents.has(key);
  #characters = 0;

  constructor(maxCharacters = MAX_CHARACTERS) {
    this.#maxCharacters = maxCharacters;
  }

  get(key: string): MessageContent | undefined {
    return this.#contents.get(key);
  }

  add(key: string, content: MessageContent): void {
    this.#contents.set(key, content);
    this.#characters += content.body.length + OVERHEAD;
    this.#order.push(key, this.#contents.size, this.#isKept);
    for (
      let oldest = this.#order.first();
      oldest !== undefined && this.#characters > this.#maxCharacters;
      oldest = this.#order.first()
    ) {
      this.#order.shift();
      this.remove(oldest);
    }
  }

  remove(key: string): void {
    const content = this.#contents.get(key);
    if (!content) return;
    this.#contents.delete(key);
    this.#characters -= content.body.length + OVERHEAD;
  }
}
