import { randomUUID } from "node:crypto";
import type { Clock } from "../../clock/clock.js";
import type { Delivery, ReceivedMessage } from "../../local-sqs/broker/broker.js";
import type { Outcome } from "../runner/outcome.js";
import type { Slot } from "../runner/slot.js";
import { batchFailures } from "./batch-response.js";
import { gatherBatch, splitBySize } from "./gather-batch.js";
import type { MessageSource } from "./message-source.js";

/** How long polling rests after an error of the queue itself (another SQS that is down, for instance). */
const ERROR_PAUSE_MS = 1_000;

export type EventSourceSettings = {
  batchSize: number;
  batchWindowSeconds: number;
  /** Invocations at once; null: no cap but the function's instances. */
  maximumConcurrency: number | null;
  fifo: boolean;
  /** When the messages of an invocation that died, or could not start, come back: from their receive counts. */
  returnDelaySeconds: (receiveCount: number) => number;
};

/** What people should hear about an event source. */
type EventSourceReports = {
  /** An invocation ended without an answer, or with one that fails the whole batch. */
  batchFailed: (
    messages: ReceivedMessage[],
    outcome: Outcome | { kind: "bad-answer"; why: string },
    backInSeconds: number,
  ) => void;
  /** Polling failed; it goes on after a pause. */
  pollFailed: (error: unknown) => void;
};

export type EventSourcePorts = {
  messages: MessageSource;
  /** An instance of the queue's function; null when there will be none. */
  acquire: (signal: AbortSignal) => Promise<Slot | null>;
  clock: Clock;
  /** Called when an invocation's process has ended before it, and before its messages come back. */
  died?: (requestId: string) => Promise<void>;
  reports: EventSourceReports;
};

export type EventSource = {
  /** Takes effect with the next batch. */
  update(settings: EventSourceSettings): void;
  /**
   * Stops polling. Messages that were received and not handed to the function go back as if never received.
   *
   * @returns a promise for the end of the invocations under way
   */
  stop(): Promise<void>;
};

/**
 * Polls one queue and runs its function, as Lambda's event source mapping does with ReportBatchItemFailures: what
 * succeeded is deleted, what failed stays until its visibility timeout has passed. Where Lambda would leave the
 * messages of a dead process invisible for half an hour, they come back after the queue's backoff.
 */
export function startEventSource(initial: EventSourceSettings, ports: EventSourcePorts): EventSource {
  const { messages, clock, reports } = ports;
  let settings = initial;
  const stopping = new AbortController();
  /** Deliveries under way, with the message groups that they are of. */
  const running = new Map<Promise<void>, Set<string | null>>();

  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      const { maximumConcurrency } = settings;
      if (maximumConcurrency !== null && running.size >= maximumConcurrency) {
        await Promise.race(running.keys());
        continue;
      }
      try {
        const delivery = await gatherBatch(settings, messages, clock, stopping.signal);
        if (delivery.messages.length === 0) continue;
        await Promise.all(runsOfItsGroups(delivery));
        await handOver(delivery);
      } catch (error) {
        if (stopping.signal.aborted) return;
        reports.pollFailed(error);
        await pause(ERROR_PAUSE_MS);
      }
    }
  }

  /**
   * Deliveries under way of the same FIFO groups. SQS locks a group for as long as its messages' visibility timeouts go
   * on, which is longer than any invocation; but a wall clock that is set ahead (a laptop that wakes up) ends them all,
   * and the runtime deletes and gives back before its invocation has ended.
   */
  function runsOfItsGroups(delivery: Delivery): Promise<void>[] {
    if (!settings.fifo || running.size === 0) return [];
    return [...running.keys()].filter((run) =>
      delivery.messages.some(({ messageGroupId }) => running.get(run)?.has(messageGroupId)),
    );
  }

  async function handOver(delivery: Delivery): Promise<void> {
    const slot = stopping.signal.aborted ? null : await ports.acquire(stopping.signal);
    if (!slot) {
      delivery.undo();
      return;
    }
    const run = runBatches(splitBySize(delivery.messages), slot);
    running.set(run, new Set(delivery.messages.map(({ messageGroupId }) => messageGroupId)));
    void run.finally(() => running.delete(run));
  }

  async function runBatches([first, ...rest]: ReceivedMessage[][], slot: Slot): Promise<void> {
    let current: Slot | null = slot;
    const failedGroups = new Set<string>();
    for (const batch of [first ?? [], ...rest]) {
      const blocked = (message: ReceivedMessage): boolean =>
        settings.fifo && message.messageGroupId !== null && failedGroups.has(message.messageGroupId);
      await giveBack(batch.filter(blocked), () => 0);
      const runnable = batch.filter((message) => !blocked(message));
      if (runnable.length === 0) continue;
      current ??= await ports.acquire(stopping.signal);
      if (!current) {
        await giveBack(runnable, () => 0);
        continue;
      }
      const failed = await runBatch(runnable, current);
      current = null;
      for (const { messageGroupId } of failed) if (messageGroupId !== null) failedGroups.add(messageGroupId);
    }
    current?.release();
  }

  /** Returns the messages that failed. */
  async function runBatch(batch: ReceivedMessage[], slot: Slot): Promise<ReceivedMessage[]> {
    const requestId = randomUUID();
    const delivery = { requestId, queueArn: messages.queueArn, region: messages.region, messages: batch };
    const outcome = await slot.run({ kind: "queue", delivery }, null).outcome;
    if (outcome.kind === "died") await ports.died?.(requestId).catch(reports.pollFailed);
    if (outcome.kind !== "returned") return failAll(batch, outcome);
    const failures = batchFailures(outcome.value, new Set(batch.map(({ messageId }) => messageId)));
    if (failures.kind === "all") return failAll(batch, { kind: "bad-answer", why: failures.why });
    const done = batch.filter(({ messageId }) => !failures.messageIds.has(messageId));
    await messages.delete(done.map(({ receiptHandle }) => receiptHandle)).catch(reports.pollFailed);
    if (done.length === batch.length) return [];
    const failed = batch.filter(({ messageId }) => failures.messageIds.has(messageId));
    await release(failed);
    return failed;
  }

  async function failAll(
    batch: ReceivedMessage[],
    outcome: Parameters<EventSourceReports["batchFailed"]>[1],
  ): Promise<ReceivedMessage[]> {
    if (outcome.kind === "failed" && outcome.told) {
      await release(batch);
      return batch;
    }
    const stopped = outcome.kind === "died" && outcome.cause.kind === "stopped";
    const delays = new Map(
      batch.map((message) => [message, stopped ? 0 : settings.returnDelaySeconds(message.receiveCount)]),
    );
    if (!stopped) reports.batchFailed(batch, outcome, Math.max(...delays.values()));
    await giveBack(batch, (message) => delays.get(message) ?? 0);
    return batch;
  }

  async function giveBack(
    batch: ReceivedMessage[],
    delaySeconds: (message: ReceivedMessage) => number,
  ): Promise<void> {
    // Last first: a FIFO group's later messages are back before its first can be received.
    for (const message of batch.toReversed()) {
      await messages.returnAfter(message.receiptHandle, delaySeconds(message)).catch(reports.pollFailed);
    }
    await release(batch);
  }

  async function release(batch: ReceivedMessage[]): Promise<void> {
    if (batch.length > 0)
      await messages.release(batch.map(({ receiptHandle }) => receiptHandle)).catch(reports.pollFailed);
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const giveUp = (): void => {
        cancel();
        resolve();
      };
      const cancel = clock.at(clock.now() + ms, () => {
        stopping.signal.removeEventListener("abort", giveUp);
        resolve();
      });
      stopping.signal.addEventListener("abort", giveUp, { once: true });
    });
  }

  const polling = poll();
  return {
    update(changed) {
      settings = changed;
    },
    async stop() {
      stopping.abort();
      await polling;
      await Promise.all(running.keys());
    },
  };
}
