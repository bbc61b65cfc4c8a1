/** Where a message stands. */
export const GONE = 0;
export const VISIBLE = 1;
export const DELAYED = 2;
export const IN_FLIGHT = 3;
export type MessageState = typeof GONE | typeof VISIBLE | typeof DELAYED | typeof IN_FLIGHT;

/** Messages of one chunk. */
const CHUNK = 1024;

type Chunk = {
  live: number;
  state: Uint8Array;
  sentAtMs: Float64Array;
  /** FIFO queues: the next message of the same group (0: none), and the group's number. */
  next: Float64Array | null;
  group: Uint32Array | null;
};

/**
 * What memory holds of each message that is not deleted, by its number in the queue: its state and when it was sent;
 * 9 bytes a message (21 on a FIFO queue) in typed arrays, so that a million waiting messages cost some megabytes.
 * Chunks without a message are given back.
 */
export class MessageTable {
  readonly #fifo: boolean;
  readonly #counts = [0, 0, 0, 0];
  #chunks = new Map<number, Chunk>();
  #first = 1;
  #last = 0;
  #recentId = -1;
  #recent: Chunk | null = null;

  constructor(fifo: boolean) {
    this.#fifo = fifo;
  }

  count(state: MessageState): number {
    return this.#counts[state] ?? 0;
  }

  get size(): number {
    return this.count(VISIBLE) + this.count(DELAYED) + this.count(IN_FLIGHT);
  }

  /** The highest number ever added; 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** Numbers grow. */
  add(seq: number, state: MessageState, sentAtMs: number): void {
    const chunk = this.#chunk(Math.floor(seq / CHUNK)) ?? this.#addChunk(Math.floor(seq / CHUNK));
    chunk.live++;
    chunk.state[seq % CHUNK] = state;
    chunk.sentAtMs[seq % CHUNK] = sentAtMs;
    this.#counts[state] = this.count(state) + 1;
    this.#last = seq;
  }

  state(seq: number): MessageState {
    return (this.#chunk(Math.floor(seq / CHUNK))?.state[seq % CHUNK] ?? GONE) as MessageState;
  }

  setState(seq: number, state: MessageState): void {
    const chunk = this.#chunk(Math.floor(seq / CHUNK));
    const before = chunk?.state[seq % CHUNK] as MessageState | undefined;
    if (!chunk || before === undefined || before === GONE) return;
    this.#counts[before] = this.count(before) - 1;
    chunk.state[seq % CHUNK] = state;
    if (state !== GONE) {
      this.#counts[state] = this.count(state) + 1;
      return;
    }
    chunk.live--;
    if (chunk.live > 0) return;
    const id = Math.floor(seq / CHUNK);
    // The newest chunk is kept: a queue that is emptied as fast as it is filled would make it anew each time.
    if (id !== Math.floor(this.#last / CHUNK)) this.#dropChunk(id);
  }

  sentAtMs(seq: number): number {
    return this.#chunk(Math.floor(seq / CHUNK))?.sentAtMs[seq % CHUNK] ?? 0;
  }

  next(seq: number): number {
    return this.#chunk(Math.floor(seq / CHUNK))?.next?.[seq % CHUNK] ?? 0;
  }

  setNext(seq: number, next: number): void {
    const links = this.#chunk(Math.floor(seq / CHUNK))?.next;
    if (links) links[seq % CHUNK] = next;
  }

  group(seq: number): number {
    return this.#chunk(Math.floor(seq / CHUNK))?.group?.[seq % CHUNK] ?? 0;
  }

  setGroup(seq: number, group: number): void {
    const groups = this.#chunk(Math.floor(seq / CHUNK))?.group;
    if (groups) groups[seq % CHUNK] = group;
  }

  /** The lowest number that is not deleted; 0 when there is none. Amortised constant time. */
  first(): number {
    if (this.size === 0) {
      this.#first = this.#last + 1;
      return 0;
    }
    this.#first = this.findFrom(this.#first, (state) => state !== GONE);
    return this.#first;
  }

  /** The lowest number from `seq` on whose state fits; one more than the last when there is none. */
  findFrom(seq: number, fits: (state: number) => boolean): number {
    let at = seq;
    while (at <= this.#last) {
      const chunk = this.#chunk(Math.floor(at / CHUNK));
      const end = (Math.floor(at / CHUNK) + 1) * CHUNK;
      if (chunk && chunk.live > 0) {
        for (; at < end && at <= this.#last; at++) if (fits(chunk.state[at % CHUNK] ?? GONE)) return at;
      } else {
        at = end;
      }
    }
    return this.#last + 1;
  }

  /** Forgets all messages; numbers go on from where they were. */
  clear(): void {
    this.#chunks = new Map();
    this.#recentId = -1;
    this.#recent = null;
    this.#counts.fill(0);
    this.#first = this.#last + 1;
  }

  #chunk(id: number): Chunk | null {
    if (id === this.#recentId) return this.#recent;
    const chunk = this.#chunks.get(id) ?? null;
    if (chunk) {
      this.#recentId = id;
      this.#recent = chunk;
    }
    return chunk;
  }

  #addChunk(id: number): Chunk {
    const newest = Math.floor(this.#last / CHUNK);
    if (this.#last > 0 && newest !== id && this.#chunks.get(newest)?.live === 0) this.#dropChunk(newest);
    const chunk: Chunk = {
      live: 0,
      state: new Uint8Array(CHUNK),
      sentAtMs: new Float64Array(CHUNK),
      next: this.#fifo ? new Float64Array(CHUNK) : null,
      group: this.#fifo ? new Uint32Array(CHUNK) : null,
    };
    this.#chunks.set(id, chunk);
    return chunk;
  }

  #dropChunk(id: number): void {
    this.#chunks.delete(id);
    if (this.#recentId !== id) return;
    this.#recentId = -1;
    this.#recent = null;
  }
}
