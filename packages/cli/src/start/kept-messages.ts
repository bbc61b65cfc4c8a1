import type { Clock } from "../clock/clock.js";
import type { MessageSource } from "../dev/event-source/message-source.js";
import type { Delivery } from "../local-sqs/broker/broker.js";
import type { RemoteMessages } from "../remote-sqs/remote-messages.js";

/**
 * How long messages are kept invisible at a time: a process that dies gives its jobs back this much later at most. What
 * they are received with.
 */
export const KEEP_SECONDS = 30;
/** Messages with less than this left are kept on: two heartbeats may fail before a job comes back. */
const EXTEND_BELOW_MS = 20_000;
const LOOK_EVERY_MS = 5_000;

/** Messages that stay invisible, by heartbeats, from their receipt until they are deleted, given back or let go. */
export type KeptMessages = MessageSource & {
  /** Stops keeping these. Resolves when nothing that was asked of SQS for them is under way any more. */
  letGo(messageIds: string[]): Promise<void>;
  /** Resolves when what was given back is back, and no heartbeat is under way. */
  idle(): Promise<void>;
  /** Ends the heartbeats. */
  stop(): void;
};

type Kept = { messageId: string; untilMs: number };
type Heartbeat = { receiptHandles: ReadonlySet<string>; ended: Promise<void> };

/**
 * @param source - whose receives make messages invisible for `KEEP_SECONDS`
 * @param onFailure - a heartbeat failed; the next comes in seconds
 */
export function keepMessages(
  source: RemoteMessages,
  { clock, onFailure }: { clock: Clock; onFailure: (error: unknown) => void },
): KeptMessages {
  const kept = new Map<string, Kept>();
  const heartbeats = new Set<Heartbeat>();
  const returning = new Set<Promise<void>>();
  let cancelLook: (() => void) | null = null;
  let stopped = false;

  function look(): void {
    cancelLook = null;
    const now = clock.now();
    const due = [...kept].filter(([, { untilMs }]) => untilMs - now <= EXTEND_BELOW_MS);
    const underWay = [...heartbeats].flatMap(({ receiptHandles }) => [...receiptHandles]);
    const handles = due.map(([handle]) => handle).filter((handle) => !underWay.includes(handle));
    if (handles.length > 0) beat(handles, now);
    lookLater();
  }

  function lookLater(): void {
    if (stopped || cancelLook || kept.size === 0) return;
    cancelLook = clock.at(clock.now() + LOOK_EVERY_MS, look);
  }

  function beat(handles: string[], now: number): void {
    const extended = source.extend(handles, KEEP_SECONDS).then((refused) => {
      for (const handle of refused) kept.delete(handle);
      for (const handle of handles) {
        const each = kept.get(handle);
        if (each) each.untilMs = now + KEEP_SECONDS * 1_000;
      }
    });
    const heartbeat: Heartbeat = {
      receiptHandles: new Set(handles),
      ended: extended.catch(onFailure).then(() => void heartbeats.delete(heartbeat)),
    };
    heartbeats.add(heartbeat);
  }

  async function forget(handles: string[]): Promise<void> {
    for (const handle of handles) kept.delete(handle);
    const concerned = [...heartbeats].filter(({ receiptHandles }) =>
      handles.some((handle) => receiptHandles.has(handle)),
    );
    await Promise.all(concerned.map(({ ended }) => ended));
  }

  async function returnAfter(handle: string, seconds: number): Promise<void> {
    await forget([handle]);
    await source.returnAfter(handle, seconds);
  }

  /** Last first: a FIFO group's later messages are back before its first can be received. */
  async function giveBack(messages: Delivery["messages"]): Promise<void> {
    for (const { receiptHandle } of messages.toReversed())
      await returnAfter(receiptHandle, 0).catch(onFailure);
  }

  return {
    queueArn: source.queueArn,
    region: source.region,
    async receive(maxMessages, signal) {
      const { messages } = await source.receive(maxMessages, signal);
      const untilMs = clock.now() + KEEP_SECONDS * 1_000;
      for (const { receiptHandle, messageId } of messages) kept.set(receiptHandle, { messageId, untilMs });
      lookLater();
      return {
        messages,
        undo: () => {
          const returned: Promise<void> = giveBack(messages).then(() => void returning.delete(returned));
          returning.add(returned);
        },
      };
    },
    async delete(receiptHandles) {
      for (const handle of receiptHandles) kept.delete(handle);
      await source.delete(receiptHandles);
    },
    async release(receiptHandles) {
      for (const handle of receiptHandles) kept.delete(handle);
      await source.release(receiptHandles);
    },
    returnAfter,
    async letGo(messageIds) {
      const wanted = new Set(messageIds);
      await forget([...kept].filter(([, { messageId }]) => wanted.has(messageId)).map(([handle]) => handle));
    },
    async idle() {
      await Promise.all([...returning, ...[...heartbeats].map(({ ended }) => ended)]);
    },
    stop() {
      stopped = true;
      cancelLook?.();
    },
  };
}
