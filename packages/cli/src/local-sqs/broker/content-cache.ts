import type { MessageContent } from "./records.js";

/**
 * UTF-16 characters of bodies that are kept: some thousand jobs. More would outlive V8's young generation in a queue
 * that grows, which costs more than reading them back.
 */
const MAX_CHARACTERS = 2_000_000;
/** What a message costs besides its body, in characters. */
const OVERHEAD = 300;

/**
 * The contents of the messages sent last, so that a queue that keeps up never reads the disk. There are two
 * generations, and the older one goes as a whole: that needs no order to be kept. Keys come once.
 */
export class ContentCache {
  #young = new Map<string, MessageContent>();
  #old = new Map<string, MessageContent>();
  #youngCharacters = 0;
  readonly #maxYoungCharacters: number;

  constructor(maxCharacters = MAX_CHARACTERS) {
    this.#maxYoungCharacters = maxCharacters / 2;
  }

  get(key: string): MessageContent | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  add(key: string, content: MessageContent): void {
    const characters = content.body.length + OVERHEAD;
    if (characters > this.#maxYoungCharacters) return;
    this.#young.set(key, content);
    this.#youngCharacters += characters;
    if (this.#youngCharacters <= this.#maxYoungCharacters) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngCharacters = 0;
  }

  remove(key: string): void {
    const content = this.#young.get(key);
    if (content === undefined) {
      this.#old.delete(key);
      return;
    }
    this.#young.delete(key);
    this.#youngCharacters -= content.body.length + OVERHEAD;
  }
}
