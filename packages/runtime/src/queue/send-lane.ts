import type { SqsClient } from "../aws/sqs-client.js";
import type { MessageToSend, SendMessageOutput } from "../aws/sqs-shapes.js";
import { SQS_MAX_BATCH_ENTRIES, SQS_MAX_MESSAGE_BYTES } from "../limits/index.js";
import { WaitingList } from "./waiting-list.js";

/** Requests of one queue that are under way at once; a FIFO group has one at most. */
const MAX_CONCURRENT_REQUESTS = 16;
/** How often an entry is sent that SQS refuses inside an accepted request. */
const MAX_ENTRY_ATTEMPTS = 3;
/** Before such an entry is sent again; doubled each time. The SDK's base for its own retries. */
const ENTRY_RETRY_DELAY_MS = 50;

/** Sends messages to one queue, those of one turn of the event loop together. */
export type SendLane = {
  /**
   * @param message - FIFO messages of one group arrive in the order of these calls
   * @param bytes - its size as SQS counts it
   * @throws AwsError when SQS refuses this message, or the request that it was in
   */
  send(message: MessageToSend, bytes: number): Promise<SendMessageOutput>;
};

type Entry = {
  message: MessageToSend;
  bytes: number;
  attempts: number;
  resolve: (output: SendMessageOutput) => void;
  reject: (error: unknown) => void;
};

/** Messages that must keep their order. A standard queue has one group, whose requests overlap. */
type Group = { id: string; entries: WaitingList<Entry>; state: "idle" | "ready" | "sending" };

/** A refusal of one entry within an accepted request, in the words of the batch's answer. */
class EntryRefused extends Error {
  readonly code: string;

  constructor(code: string, message: string | undefined) {
    super(message ?? code);
    this.name = code;
    this.code = code;
  }
}

/**
 * @param client - asked for when there is something to send
 * @param sleep - for tests
 */
export function createSendLane({
  queueUrl,
  fifo,
  client,
  sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
}: {
  queueUrl: string;
  fifo: boolean;
  client: () => Promise<SqsClient>;
  sleep?: (milliseconds: number) => Promise<void>;
}): SendLane {
  const groups = new Map<string, Group>();
  const ready = new WaitingList<Group>();
  let requests = 0;
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      pump();
    });
  }

  function groupOf(message: MessageToSend): Group {
    const id = fifo ? (message.MessageGroupId ?? "") : "";
    const group = groups.get(id) ?? { id, entries: new WaitingList<Entry>(), state: "idle" as const };
    groups.set(id, group);
    return group;
  }

  function pump(): void {
    while (requests < MAX_CONCURRENT_REQUESTS) {
      const batch = takeBatch();
      if (batch.entries.length === 0) return;
      requests++;
      void sendBatch(batch.entries).then((retried) => {
        requests--;
        release(batch.groups, retried);
        pump();
      });
    }
  }

  /** Takes as many entries as one request holds. FIFO groups that it takes from wait until it is answered. */
  function takeBatch(): { entries: Entry[]; groups: Group[] } {
    const taken: Entry[] = [];
    const from: Group[] = [];
    let room = SQS_MAX_MESSAGE_BYTES;
    for (let group = ready.at(0); group && taken.length < SQS_MAX_BATCH_ENTRIES; group = ready.at(0)) {
      const fitting = countFitting(group.entries, SQS_MAX_BATCH_ENTRIES - taken.length, room);
      if (fitting === 0) break;
      for (const entry of group.entries.take(fitting)) {
        room -= entry.bytes;
        taken.push(entry);
      }
      from.push(group);
      if (!fifo && group.entries.length > 0) continue;
      ready.take(1);
      group.state = fifo ? "sending" : "idle";
    }
    return { entries: taken, groups: from };
  }

  /** After an answer: what is sent again goes first, then the group's next. */
  function release(sent: Group[], retried: Entry[]): void {
    for (const group of sent) {
      const again = retried.filter(({ message }) => groupOf(message) === group);
      if (again.length > 0) group.entries.putBack(again);
      if (group.state === "sending") group.state = "idle";
      if (group.entries.length === 0) groups.delete(group.id);
      else makeReady(group);
    }
  }

  function makeReady(group: Group): void {
    if (group.state !== "idle") return;
    group.state = "ready";
    ready.add(group);
  }

  /** @returns the entries to send again */
  async function sendBatch(entries: Entry[]): Promise<Entry[]> {
    try {
      const sqs = await client();
      const [only] = entries;
      if (only && entries.length === 1) {
        only.resolve(await sqs.sendMessage({ ...only.message, QueueUrl: queueUrl }));
        return [];
      }
      return await sendEntries(sqs, entries);
    } catch (error) {
      for (const entry of entries) entry.reject(error);
      return [];
    }
  }

  async function sendEntries(sqs: SqsClient, entries: Entry[]): Promise<Entry[]> {
    const { Successful = [], Failed = [] } = await sqs.sendMessageBatch({
      QueueUrl: queueUrl,
      Entries: entries.map(({ message }, index) => ({ Id: String(index), ...message })),
    });
    const unanswered = new Set(entries);
    for (const output of Successful) {
      const entry = entries[Number(output.Id)];
      entry?.resolve(output);
      if (entry) unanswered.delete(entry);
    }
    const refusals = new Map(Failed.map((failure) => [entries[Number(failure.Id)], failure]));
    const retried: Entry[] = [];
    for (const entry of unanswered) {
      const { Code = "NoAnswer", Message = "SQS's answer does not mention this entry" } =
        refusals.get(entry) ?? {};
      entry.attempts++;
      if (entry.attempts < MAX_ENTRY_ATTEMPTS) retried.push(entry);
      else entry.reject(new EntryRefused(Code, Message));
    }
    const attempts = Math.max(0, ...retried.map((entry) => entry.attempts));
    if (retried.length > 0) await sleep(ENTRY_RETRY_DELAY_MS * 2 ** (attempts - 1));
    return retried;
  }

  return {
    send: (message, bytes) =>
      new Promise((resolve, reject) => {
        const group = groupOf(message);
        group.entries.add({ message, bytes, attempts: 0, resolve, reject });
        makeReady(group);
        schedule();
      }),
  };
}

function countFitting(entries: WaitingList<Entry>, maxEntries: number, maxBytes: number): number {
  let bytes = 0;
  let count = 0;
  while (count < maxEntries && count < entries.length) {
    bytes += entries.at(count)?.bytes ?? 0;
    if (bytes > maxBytes) break;
    count++;
  }
  return count;
}
