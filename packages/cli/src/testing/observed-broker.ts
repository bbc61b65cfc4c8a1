import { localQueueNames } from "@queue-run/runtime/instance";
import {
  decodeEnvelope,
  decodeFailure,
  decodePayload,
  ENVELOPE_ATTRIBUTE,
  type Envelope,
  FAILURE_ATTRIBUTE,
} from "@queue-run/runtime/wire";
import type { Broker, OutgoingMessage, SentMessage } from "../local-sqs/broker/broker.js";
import type { QueueDefinition } from "../project/manifest.js";
import type { DeadLetteredJob, PushedJob } from "./test-project.js";

/** A broker that remembers what it was sent. */
export type ObservedBroker = {
  broker: Broker;
  pushed: PushedJob[];
  deadLetters: DeadLetteredJob[];
  /** Adds a message that is sent later: past this broker, so that it is not added again. */
  rememberDelayed(queueName: string, message: OutgoingMessage): void;
};

/** @param now - milliseconds since 1970 */
export function observeBroker(
  broker: Broker,
  queues: readonly QueueDefinition[],
  now: () => number,
): ObservedBroker {
  const pushed: PushedJob[] = [];
  const deadLetters: DeadLetteredJob[] = [];
  const names = new Set(queues.map(({ name }) => name));
  const sources = new Map(queues.map(({ name }) => [localQueueNames(name).deadLetterQueue, name]));
  const messageIds = new Set<string>();

  function remember(queue: string, message: OutgoingMessage, { messageId }: SentMessage): void {
    const isDuplicate = messageIds.has(messageId);
    messageIds.add(messageId);
    if (names.has(queue)) pushed.push({ ...toPushedJob(queue, message, messageId, now()), isDuplicate });
    const source = sources.get(queue);
    if (source !== undefined && !isDuplicate) deadLetters.push(toDeadLetteredJob(source, message, messageId));
  }

  return {
    pushed,
    deadLetters,
    rememberDelayed: (queueName, message) =>
      pushed.push({ ...toPushedJob(queueName, message, "", now()), isDuplicate: false }),
    broker: {
      ...broker,
      async send(queue, message) {
        const sent = await broker.send(queue, message);
        remember(queue, message, sent);
        return sent;
      },
      async sendBatch(queue, messages) {
        const all = await broker.sendBatch(queue, messages);
        for (const [index, sent] of all.entries()) {
          const message = messages[index];
          if (message && !(sent instanceof Error)) remember(queue, message, sent);
        }
        return all;
      },
    },
  };
}

function toPushedJob(
  queueName: string,
  message: OutgoingMessage,
  messageId: string,
  nowMs: number,
): Omit<PushedJob, "isDuplicate"> {
  const envelope = envelopeOf(message);
  const dueAtMs = envelope?.dueAt ?? (message.delaySeconds ? nowMs + message.delaySeconds * 1_000 : null);
  return {
    queueName,
    jobId: envelope?.jobId ?? messageId,
    job: envelope?.job ?? "default",
    payload: payloadOf(message, envelope),
    group: message.messageGroupId ?? null,
    dedupe: envelope?.dedupeId ?? message.messageDeduplicationId ?? null,
    tag: envelope?.tag ?? null,
    dueAt: dueAtMs === null ? null : new Date(dueAtMs),
    pushedAt: new Date(nowMs),
  };
}

function toDeadLetteredJob(queueName: string, message: OutgoingMessage, messageId: string): DeadLetteredJob {
  const envelope = envelopeOf(message);
  const failure = decodeFailure(message.attributes?.[FAILURE_ATTRIBUTE]?.stringValue);
  const { name, message: text, stack } = failure?.error ?? { name: "Error", message: "", stack: null };
  return {
    queueName,
    jobId: failure?.jobId ?? envelope?.jobId ?? messageId,
    job: envelope?.job ?? "default",
    payload: payloadOf(message, envelope),
    group: message.messageGroupId ?? null,
    attempts: failure?.attempts ?? 0,
    error: { name, message: text, stack },
  };
}

/** @returns null for a message that was not pushed by queue-run */
function envelopeOf({ attributes }: OutgoingMessage): Envelope | null {
  return decodeEnvelope(attributes?.[ENVELOPE_ATTRIBUTE]?.stringValue);
}

/** @returns the payload as a handler would get it; the body's text where it cannot be read */
function payloadOf({ body }: OutgoingMessage, envelope: Envelope | null): unknown {
  try {
    return decodePayload(body, envelope?.payloadKind ?? null);
  } catch {
    return body;
  }
}
