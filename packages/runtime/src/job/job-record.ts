import type { SQSRecord } from "aws-lambda";
import type { QueueSettings } from "../config/queue-config.js";
import type { QueueFunction } from "../lambda/functions.js";
import { decodeEnvelope, ENVELOPE_ATTRIBUTE, type Envelope } from "../queue/envelope.js";
import type { BackoffRule } from "./backoff.js";
import { countRedrives, decodeFailure, FAILURE_ATTRIBUTE } from "./dead-letter-failure.js";
import type { BatchRecord } from "./run-batch.js";

/** Most attempts after the first: what `config.retries` may say. */
const MAX_RETRIES = 90;

/** A delivered message as a job. Its payload is read when it runs. */
export type JobRecord = BatchRecord & {
  message: SQSRecord;
  jobId: string;
  /** "default", or the named export. */
  job: string;
  /** Null for a message that was not pushed by queue-run. */
  envelope: Envelope | null;
  /** How often it came back from the dead-letter queue. */
  redrives: number;
};

/**
 * Reads a record of an SQS event.
 *
 * @param message - as Lambda hands it over
 * @param fn - the queue's function
 * @param hasBatch - whether the queue's file exports `batch`
 */
export function toJobRecord(message: SQSRecord, fn: QueueFunction, hasBatch: boolean): JobRecord {
  const { messageAttributes } = message;
  const envelope = decodeEnvelope(messageAttributes?.[ENVELOPE_ATTRIBUTE]?.stringValue);
  const receivedCount = Number(message.attributes.ApproximateReceiveCount) || 1;
  const job = envelope?.job ?? "default";
  const { settings } = fn;
  // A dead letter that was moved back by other means than ours still says what it had failed of.
  const failed = messageAttributes?.[FAILURE_ATTRIBUTE];
  const failure = failed ? decodeFailure(failed.stringValue) : null;
  return {
    message,
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    groupId: message.attributes.MessageGroupId ?? null,
    together: hasBatch && job === "default",
    receivedCount,
    attempt: receivedCount,
    maxAttempts: 1 + Math.min(envelope?.retries ?? settings.retries, MAX_RETRIES),
    backoff: envelope ? backoffOf(envelope, settings) : settings,
    dueAtMs: envelope?.dueAt ?? null,
    expiresAtMs:
      settings.expiresSeconds && receivedCount === 1 && !settings.track
        ? expiryOf(message, envelope, settings.expiresSeconds)
        : null,
    jobId: envelope?.jobId ?? failure?.jobId ?? message.messageId,
    job,
    envelope,
    redrives: countRedrives(envelope?.redrives ?? 0, failure),
  };
}

/** A job that was received before was started in time. (Of a tracked one its record knows.) */
function expiryOf(message: SQSRecord, envelope: Envelope | null, expiresSeconds: number): number {
  return (envelope?.dueAt ?? Number(message.attributes.SentTimestamp)) + expiresSeconds * 1_000;
}

function backoffOf({ backoff, backoffDelaySeconds }: Envelope, settings: QueueSettings): BackoffRule {
  if (backoff === null && backoffDelaySeconds === null) return settings;
  return {
    backoff: backoff ?? settings.backoff,
    backoffDelaySeconds: backoffDelaySeconds ?? settings.backoffDelaySeconds,
  };
}
