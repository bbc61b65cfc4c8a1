import type { MessageContent } from "./records.js";

/** UTF-16 characters of bodies that are kept, at most. */
const MAX_CHARACTERS = 8_000_000;
/** What a message costs besides its body, in characters. */
const OVERHEAD = 300;

/**
 * The contents of the messages sent last, so that a queue that keeps up never reads the disk.
 *
 * Two generations: when the young one is half of what may be kept, the old one is dropped whole. Evicting one by one
 * would mean finding a map's first key, which takes ever longer the more was deleted before it.
 */
export class ContentCache {
  #young = new Map<string, MessageContent>();
  #old = new Map<string, MessageContent>();
  readonly #maxYoungCharacters: number;
  #youngCharacters = 0;

  constructor(maxCharacters = MAX_CHARACTERS) {
    this.#maxYoungCharacters = maxCharacters / 2;
  }

  get(key: string): MessageContent | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  add(key: string, content: MessageContent): void {
    this.#young.set(key, content);
    this.#youngCharacters += content.body.length + OVERHEAD;
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

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#youngCharacters = 0;
  }
}
