import type { QueueAttributes, ReceivedMessage } from "../../packages/cli/src/local-sqs/broker/broker.js";

/** What the simulation knows of a message. Its body is unique, so that it is the same message wherever it moves. */
export type ModelMessage = {
  body: string;
  messageId: string;
  groupId: string | null;
  sentAtMs: number;
  receiveCount: number;
  state: "visible" | "delayed" | "in flight";
  /** Steady time at which it becomes visible by itself. */
  visibleAt: number;
  /** The same by the wall clock, as it would be found after a restart. */
  hiddenUntilMs: number;
  /** FIFO: it was sent while the queue had a delay. */
  sentDelayed: boolean;
  handle: string | null;
  held: boolean;
  deadLetterSource: string | null;
};

export type ModelQueue = {
  name: string;
  attributes: QueueAttributes;
  /** The deduplication scope that it was created with. */
  scope: QueueAttributes["deduplicationScope"];
  tags: Record<string, string>;
  /** In order of sending. */
  messages: ModelMessage[];
  /** By deduplication key. */
  firstMessages: Map<string, { messageId: string; sentAtMs: number; endsAt: number }>;
  purgedAtMs: number | null;
};

/** Both clocks: the wall's, which jumps, and the one that only runs on. */
export type Now = { wallMs: number; steadyMs: number };

const WINDOW_MS = 300_000;

/** SQS, as plainly as it can be said: lists that are searched from end to end. */
export class Model {
  queues = new Map<string, ModelQueue>();
  deletedAtMs = new Map<string, number>();
  /** Bodies whose deletion was acknowledged. */
  deleted = new Set<string>();

  queue(name: string): ModelQueue {
    const queue = this.queues.get(name);
    if (!queue) throw new Error(`the model has no queue ${name}`);
    return queue;
  }

  /** Lets time pass: what is due is visible, what is too old is gone. */
  settle(now: Now): void {
    for (const queue of this.queues.values()) {
      const oldest = now.wallMs - queue.attributes.messageRetentionPeriodSeconds * 1000;
      queue.messages = queue.messages.filter((message) => message.sentAtMs > oldest);
      for (const message of queue.messages) {
        if (message.state !== "visible" && message.visibleAt <= now.steadyMs) message.state = "visible";
      }
      for (const [key, { endsAt }] of queue.firstMessages) {
        if (endsAt <= now.steadyMs) queue.firstMessages.delete(key);
      }
    }
  }

  /** What the store must bring back: visibility and deduplication by the wall clock; what was held is visible. */
  restart(now: Now): void {
    this.settle({ ...now, steadyMs: Number.NEGATIVE_INFINITY });
    for (const queue of this.queues.values()) {
      for (const message of queue.messages) restartMessage(queue, message, now);
      for (const [key, first] of queue.firstMessages) {
        const ageMs = Math.max(0, now.wallMs - first.sentAtMs);
        if (ageMs >= WINDOW_MS) queue.firstMessages.delete(key);
        else first.endsAt = now.steadyMs + WINDOW_MS - ageMs;
      }
    }
  }

  /** The first message of a window that is still open, for a FIFO send. */
  duplicateOf(queue: ModelQueue, key: string, now: Now): string | null {
    const first = queue.firstMessages.get(key);
    return first && now.steadyMs < first.endsAt ? first.messageId : null;
  }

  add(
    queue: ModelQueue,
    message: Pick<ModelMessage, "body" | "messageId" | "groupId">,
    delayMs: number,
    now: Now,
  ): void {
    queue.messages.push({
      ...message,
      sentAtMs: now.wallMs,
      receiveCount: 0,
      state: delayMs > 0 ? "delayed" : "visible",
      visibleAt: now.steadyMs + delayMs,
      hiddenUntilMs: delayMs > 0 ? now.wallMs + delayMs : 0,
      sentDelayed: delayMs > 0,
      handle: null,
      held: false,
      deadLetterSource: null,
    });
  }

  remember(queue: ModelQueue, key: string, messageId: string, now: Now): void {
    queue.firstMessages.set(key, { messageId, sentAtMs: now.wallMs, endsAt: now.steadyMs + WINDOW_MS });
  }

  /** What a receive may return next, given what it already has; in a FIFO queue only the first of each group. */
  deliverable(queue: ModelQueue, taken: ReadonlySet<ModelMessage>): ModelMessage[] {
    const blocked = new Set<string | null>();
    return queue.messages.filter((message) => {
      if (taken.has(message)) return false;
      if (!queue.attributes.fifoQueue) return message.state === "visible";
      if (blocked.has(message.groupId)) return false;
      blocked.add(message.groupId);
      return message.state === "visible";
    });
  }

  /** Whether the queue's redrive policy sends this message away instead of delivering it again. */
  isSpent(queue: ModelQueue, message: ModelMessage): boolean {
    const policy = queue.attributes.redrivePolicy;
    if (!policy || message.receiveCount < policy.maxReceiveCount) return false;
    return this.queues.has(policy.deadLetterTargetArn.split(":").at(-1) ?? "");
  }

  hide(message: ModelMessage, timeoutMs: number, now: Now): void {
    message.state = timeoutMs > 0 ? "in flight" : "visible";
    message.visibleAt = now.steadyMs + timeoutMs;
    message.hiddenUntilMs = timeoutMs > 0 ? now.wallMs + timeoutMs : 0;
  }

  received(
    message: ModelMessage,
    delivered: ReceivedMessage,
    timeoutMs: number,
    held: boolean,
    now: Now,
  ): void {
    message.receiveCount++;
    message.handle = delivered.receiptHandle;
    message.held = held;
    this.hide(message, timeoutMs, now);
  }

  counts(queue: ModelQueue): { visibleCount: number; inFlightCount: number; delayedCount: number } {
    const count = (state: ModelMessage["state"]) =>
      queue.messages.filter((message) => message.state === state).length;
    return {
      visibleCount: count("visible"),
      inFlightCount: count("in flight"),
      delayedCount: count("delayed"),
    };
  }
}

function restartMessage(queue: ModelQueue, message: ModelMessage, now: Now): void {
  const received = message.handle !== null;
  if (!received && queue.attributes.fifoQueue && message.sentDelayed) {
    message.hiddenUntilMs = message.sentAtMs + queue.attributes.delaySeconds * 1000;
  }
  const longestMs = (received ? 43_200 : 900) * 1000;
  const remainingMs = Math.min(message.hiddenUntilMs - now.wallMs, longestMs);
  const hidden = remainingMs > 0 && !(received && message.held);
  if (message.held) message.hiddenUntilMs = 0;
  message.held = false;
  message.state = hidden ? (received ? "in flight" : "delayed") : "visible";
  message.visibleAt = now.steadyMs + (hidden ? remainingMs : 0);
}
