import type { Clock } from "../../clock/clock.js";

const LOOK_EVERY_MS = 200;
/** A busy worker says five times a second that it is alive, unless its handler blocks it. */
const SILENT_AFTER_MS = 450;
/** What the process may grow beyond the memory of silent workers, in MB: everything else in it goes on meanwhile. */
const SLACK_MEGABYTES = 256;

const BYTES_PER_MEGABYTE = 1024 ** 2;

/** A worker as the guard sees it. */
export type GuardedInstance = {
  memoryMegabytes: number;
  /** When anything was last heard of it, milliseconds since 1970. */
  heardMs: number;
  end(cause: { kind: "out-of-memory"; memoryMegabytes: number }): Promise<void>;
};

/**
 * Ends workers whose handlers allocate buffers without end in one turn of their event loop. V8 bounds a worker's heap,
 * but not its buffers; a worker that still turns reports those itself, one that is blocked cannot: while there are such,
 * the whole process may grow by what they were given, and no further. Whose buffers they are cannot be told, so all that
 * are blocked then are ended.
 *
 * @param residentBytes - the memory of the process
 * @param busy - the workers that run something
 * @returns a function that ends the guard
 */
export function guardMemory(ports: {
  clock: Clock;
  residentBytes: () => number;
  busy: () => GuardedInstance[];
}): () => void {
  const { clock, residentBytes, busy } = ports;
  let calmBytes = residentBytes();
  let cancel = (): void => {};

  function look(): void {
    const now = clock.now();
    const silent = busy().filter(({ heardMs }) => now - heardMs >= SILENT_AFTER_MS);
    const bytes = residentBytes();
    if (silent.length === 0) calmBytes = bytes;
    const given = silent.reduce((sum, { memoryMegabytes }) => sum + memoryMegabytes, SLACK_MEGABYTES);
    if (bytes - calmBytes > given * BYTES_PER_MEGABYTE)
      for (const instance of silent)
        void instance.end({ kind: "out-of-memory", memoryMegabytes: instance.memoryMegabytes });
    lookLater();
  }

  function lookLater(): void {
    cancel = clock.at(clock.now() + LOOK_EVERY_MS, look);
  }
  lookLater();
  return () => cancel();
}
