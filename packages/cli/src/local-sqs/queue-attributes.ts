import {
  SQS_MAX_DELAY_SECONDS,
  SQS_MAX_MESSAGE_BYTES,
  SQS_MAX_VISIBILITY_TIMEOUT_SECONDS,
} from "@queue-run/runtime/limits";
import type { AttributeChanges, Broker, QueueAttributes } from "./broker/broker.js";
import {
  DEFAULT_KMS_REUSE_SECONDS,
  MAX_KMS_REUSE_SECONDS,
  MAX_RETENTION_SECONDS,
  MAX_WAIT_SECONDS,
  MIN_KMS_REUSE_SECONDS,
  MIN_MAXIMUM_MESSAGE_BYTES,
  MIN_RETENTION_SECONDS,
} from "./limits.js";
import type { Owner } from "./queue-names.js";
import { assertRedriveAllowPolicy, parseRedrivePolicy } from "./redrive-policy.js";
import { invalidAttributeName, invalidAttributeValue, unknownAttribute } from "./sqs-errors.js";

/** The queue whose attributes are set; `current` where it exists already. */
export type AttributeTarget = {
  broker: Broker;
  owner: Owner;
  name: string;
  fifo: boolean;
  current?: QueueAttributes;
};

type Setter = (value: string, target: AttributeTarget, changes: AttributeChanges) => void;

/**
 * Reads the attributes of CreateQueue and SetQueueAttributes, all of them strings.
 * Throws InvalidAttributeName, InvalidAttributeValue or InvalidParameterValue. Rules: API Reference,
 * SetQueueAttributes; the errors as AWS was recorded.
 */
export function parseQueueAttributes(
  given: Record<string, string>,
  target: AttributeTarget,
): AttributeChanges {
  const changes: AttributeChanges = {};
  for (const [name, value] of Object.entries(given)) {
    const set = Object.hasOwn(SETTERS, name) ? SETTERS[name] : undefined;
    if (set === undefined) throw unknownAttribute(name);
    set(value, target, changes);
  }
  settleEncryption(changes, given);
  assertThroughput(changes, target);
  return changes;
}

const SETTERS: Record<string, Setter> = {
  DelaySeconds: (value, _, changes) => {
    changes.delaySeconds = toInteger("DelaySeconds", value, 0, SQS_MAX_DELAY_SECONDS);
  },
  MaximumMessageSize: (value, _, changes) => {
    const [min, max] = [MIN_MAXIMUM_MESSAGE_BYTES, SQS_MAX_MESSAGE_BYTES];
    changes.maximumMessageSizeBytes = toInteger("MaximumMessageSize", value, min, max);
  },
  MessageRetentionPeriod: (value, _, changes) => {
    const [min, max] = [MIN_RETENTION_SECONDS, MAX_RETENTION_SECONDS];
    changes.messageRetentionPeriodSeconds = toInteger("MessageRetentionPeriod", value, min, max);
  },
  ReceiveMessageWaitTimeSeconds: (value, _, changes) => {
    const seconds = toInteger("ReceiveMessageWaitTimeSeconds", value, 0, MAX_WAIT_SECONDS);
    changes.receiveMessageWaitTimeSeconds = seconds;
  },
  VisibilityTimeout: (value, _, changes) => {
    const seconds = toInteger("VisibilityTimeout", value, 0, SQS_MAX_VISIBILITY_TIMEOUT_SECONDS);
    changes.visibilityTimeoutSeconds = seconds;
  },
  FifoQueue: (value, { fifo, current }, changes) => {
    if (!fifo) throw unknownAttribute("FifoQueue");
    const asked = toBoolean("FifoQueue", value);
    if (!asked) throw invalidAttributeValue("FifoQueue", "Modifying queue type is not supported.");
    if (current === undefined) changes.fifoQueue = true;
  },
  ContentBasedDeduplication: (value, { fifo }, changes) => {
    if (!fifo) throw unknownAttribute("ContentBasedDeduplication");
    changes.contentBasedDeduplication = toBoolean("ContentBasedDeduplication", value);
  },
  DeduplicationScope: (value, { fifo }, changes) => {
    assertFifoOnly("DeduplicationScope", fifo);
    if (value !== "queue" && value !== "messageGroup") throw invalidAttributeValue("DeduplicationScope");
    changes.deduplicationScope = value;
  },
  FifoThroughputLimit: (value, { fifo }, changes) => {
    assertFifoOnly("FifoThroughputLimit", fifo);
    if (value !== "perQueue" && value !== "perMessageGroupId") {
      throw invalidAttributeValue("FifoThroughputLimit");
    }
    changes.fifoThroughputLimit = value;
  },
  RedrivePolicy: (value, target, changes) => {
    changes.redrivePolicy = value === "" ? null : parseRedrivePolicy(value, target);
  },
  RedriveAllowPolicy: (value, _, changes) => {
    if (value !== "") assertRedriveAllowPolicy(value);
    setPassive(changes, "RedriveAllowPolicy", value === "" ? null : value);
  },
  Policy: (value, _, changes) => {
    if (value !== "" && !isJson(value)) throw invalidAttributeValue("Policy");
    setPassive(changes, "Policy", value === "" ? null : value);
  },
  KmsMasterKeyId: (value, _, changes) => {
    setPassive(changes, "KmsMasterKeyId", value === "" ? null : value);
  },
  KmsDataKeyReusePeriodSeconds: (value, _, changes) => {
    const [min, max] = [MIN_KMS_REUSE_SECONDS, MAX_KMS_REUSE_SECONDS];
    const seconds = toInteger("KmsDataKeyReusePeriodSeconds", value, min, max);
    const kept = seconds === DEFAULT_KMS_REUSE_SECONDS ? null : String(seconds);
    setPassive(changes, "KmsDataKeyReusePeriodSeconds", kept);
  },
  SqsManagedSseEnabled: (value, _, changes) => {
    setPassive(changes, "SqsManagedSseEnabled", String(toBoolean("SqsManagedSseEnabled", value)));
  },
};

/** A queue is encrypted by KMS or by SQS: choosing one ends the other, asking for both is an error. */
function settleEncryption(changes: AttributeChanges, given: Record<string, string>): void {
  const byKms = typeof changes.passive?.KmsMasterKeyId === "string";
  const bySqs = changes.passive?.SqsManagedSseEnabled === "true";
  if (byKms && bySqs) {
    throw invalidAttributeName(
      "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.",
    );
  }
  if (byKms) setPassive(changes, "SqsManagedSseEnabled", "false");
  if (bySqs && given.KmsMasterKeyId === undefined) setPassive(changes, "KmsMasterKeyId", null);
}

/** API Reference, SetQueueAttributes, "high throughput for FIFO queues". */
function assertThroughput(changes: AttributeChanges, { current }: AttributeTarget): void {
  if (changes.fifoThroughputLimit === undefined && changes.deduplicationScope === undefined) return;
  const limit = changes.fifoThroughputLimit ?? current?.fifoThroughputLimit;
  const scope = changes.deduplicationScope ?? current?.deduplicationScope ?? "queue";
  if (limit !== "perMessageGroupId" || scope === "messageGroup") return;
  throw invalidAttributeValue(
    "FifoThroughputLimit",
    "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.",
  );
}

function assertFifoOnly(name: string, fifo: boolean): void {
  if (fifo) return;
  throw invalidAttributeName(`You can specify the ${name} only when FifoQueue is set to true.`);
}

function setPassive(changes: AttributeChanges, name: string, value: string | null): void {
  changes.passive = { ...changes.passive, [name]: value };
}

function toInteger(name: string, value: string, min: number, max: number): number {
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw invalidAttributeValue(name);
}

function toBoolean(name: string, value: string): boolean {
  const lowered = value.toLowerCase();
  if (lowered === "true" || lowered === "false") return lowered === "true";
  throw invalidAttributeValue(name);
}

function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
