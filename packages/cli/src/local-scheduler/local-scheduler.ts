import type { Clock } from "../clock/clock.js";
import { MinHeap } from "../local-sqs/broker/min-heap.js";
import type { Storage, StorageOperation } from "../local-sqs/storage/storage.js";
import { checkSchedule, dueMs, type MessageInput, messageOf, type ScheduleBody } from "./schedule-input.js";
import { alreadyExists, noSuchGroup, noSuchSchedule } from "./scheduler-error.js";

/** A schedule, as it is stored. */
export type StoredSchedule = { name: string; createdMs: number; order: number; body: ScheduleBody };

/** Of the Scheduler's operations, those that jobs with long delays need. All throw SchedulerError. */
export type LocalScheduler = {
  create(name: string, body: unknown): Promise<void>;
  get(name: string, groupName: string): StoredSchedule;
  delete(name: string, groupName: string): Promise<void>;
  /** In order of name. */
  list(groupName: string | null, namePrefix: string): StoredSchedule[];
  close(): Promise<void>;
};

export type LocalSchedulerOptions = {
  storage: Storage;
  clock: Clock;
  /** The one group that there is. */
  groupName: string;
  /** Sends a message, as SendMessage does; rejects when it is not taken. */
  send: (message: MessageInput) => Promise<unknown>;
  /** Told, once for each schedule, that its message was not taken. It is tried again. */
  onFailure: (message: MessageInput, error: unknown) => void;
};

/** What is known of a schedule without reading it. */
type Entry = {
  key: string;
  clientToken: string | null;
  dueMs: number;
  failures: number;
  /** Its message is being sent: it is too late to take it back. */
  isLeaving: boolean;
};

const PREFIX = "schedule/";
const AFTER = "schedule0";
const keyOf = (groupName: string, name: string) => `${PREFIX}${groupName}/${name}`;
/** Time between two tries of a message that is not taken: doubled each time, up to a minute. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 60_000;

/**
 * EventBridge Scheduler for one machine: one-time schedules that send a message each, at the millisecond, and are deleted
 * when it was taken. What fell due while nobody ran it is sent when it is opened.
 */
export async function openScheduler(options: LocalSchedulerOptions): Promise<LocalScheduler> {
  const { storage, clock, groupName: onlyGroup, send, onFailure } = options;
  const entries = new Map<string, Entry>();
  /** Due times, and numbers of entries: among equal times, the first that was made goes first. */
  const queue = new MinHeap();
  const numbered = new Map<number, Entry>();
  let count = 0;
  let cancelTimer: () => void = () => {};
  let timerMs = Number.POSITIVE_INFINITY;
  let writing: Promise<void> = Promise.resolve();
  let isClosed = false;
  const leaving = new Set<Promise<void>>();

  function write(operation: StorageOperation): Promise<void> {
    writing = writing.catch(() => {}).then(() => storage.write([operation]));
    return writing;
  }

  function add(entry: Entry, atMs: number): void {
    const number = ++count;
    numbered.set(number, entry);
    queue.push(atMs, number);
    arm();
  }

  function arm(): void {
    const nextMs = queue.peekKey();
    if (isClosed || nextMs >= timerMs) return;
    cancelTimer();
    timerMs = nextMs;
    cancelTimer = clock.at(nextMs, () => {
      timerMs = Number.POSITIVE_INFINITY;
      while (queue.size > 0 && queue.peekKey() <= clock.now()) {
        const number = queue.pop();
        const entry = numbered.get(number);
        numbered.delete(number);
        if (entry && entries.get(entry.key) === entry) leave(entry);
      }
      arm();
    });
  }

  function leave(entry: Entry): void {
    const done = fire(entry).finally(() => leaving.delete(done));
    leaving.add(done);
  }

  async function fire(entry: Entry): Promise<void> {
    const message = messageOf(read(entry.key).body.Target);
    entry.isLeaving = true;
    try {
      await send(message);
    } catch (error) {
      entry.isLeaving = false;
      if (isClosed) return;
      if (++entry.failures === 1) onFailure(message, error);
      add(entry, clock.now() + Math.min(FIRST_RETRY_MS * 2 ** (entry.failures - 1), LAST_RETRY_MS));
      return;
    }
    entries.delete(entry.key);
    await write({ type: "del", key: entry.key }).catch((error) => onFailure(message, error));
  }

  function read(key: string): StoredSchedule {
    return JSON.parse(storage.read(key) ?? "null") as StoredSchedule;
  }

  const stored: StoredSchedule[] = [];
  for await (const page of storage.entries(PREFIX, AFTER))
    for (const [, text] of page) stored.push(JSON.parse(text) as StoredSchedule);
  stored.sort((a, b) => a.createdMs - b.createdMs || a.order - b.order);
  for (const { name, body } of stored) {
    const key = keyOf(body.GroupName, name);
    const entry = { key, clientToken: body.ClientToken, dueMs: dueMs(body), failures: 0, isLeaving: false };
    entries.set(key, entry);
    add(entry, entry.dueMs);
  }

  return {
    async create(name, input) {
      const body = checkSchedule(name, input, onlyGroup);
      if (body.GroupName !== onlyGroup) throw noSuchGroup(body.GroupName);
      const key = keyOf(body.GroupName, name);
      const existing = entries.get(key);
      if (existing) {
        if (existing.clientToken !== null && existing.clientToken === body.ClientToken) return;
        throw alreadyExists(name);
      }
      const entry = { key, clientToken: body.ClientToken, dueMs: dueMs(body), failures: 0, isLeaving: false };
      entries.set(key, entry);
      const schedule: StoredSchedule = { name, createdMs: clock.now(), order: count, body };
      try {
        await write({ type: "put", key, value: JSON.stringify(schedule), fresh: true });
      } catch (error) {
        entries.delete(key);
        throw error;
      }
      if (entries.get(key) === entry) add(entry, entry.dueMs);
    },
    get(name, groupName) {
      const key = keyOf(groupName, name);
      if (!entries.has(key)) throw noSuchSchedule(name);
      return read(key);
    },
    async delete(name, groupName) {
      const key = keyOf(groupName, name);
      if (entries.get(key)?.isLeaving !== false) throw noSuchSchedule(name);
      entries.delete(key);
      await write({ type: "del", key });
    },
    list(groupName, namePrefix) {
      const found = [...entries.keys()].map(read);
      return found
        .filter(
          ({ name, body }) => name.startsWith(namePrefix) && (groupName ?? body.GroupName) === body.GroupName,
        )
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async close() {
      isClosed = true;
      cancelTimer();
      await Promise.allSettled(leaving);
      await writing.catch(() => {});
      await storage.close();
    },
  };
}
