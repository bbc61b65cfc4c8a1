import type { Broker, QueueAttributes } from "./broker/broker.js";
import { MAX_RECEIVE_COUNT, MAX_REDRIVE_SOURCES } from "./limits.js";
import { type Owner, queueNameFromArn, toQueueArn } from "./queue-names.js";
import { invalidValue } from "./sqs-errors.js";

type RedrivePolicy = NonNullable<QueueAttributes["redrivePolicy"]>;

/** The queue that a policy is for, and where its dead-letter queue must be found. */
export type RedriveSource = { broker: Broker; owner: Owner; name: string; fifo: boolean };

/**
 * Reads the RedrivePolicy attribute, a JSON text. Throws InvalidParameterValue: both members are required, the target
 * must exist, be of the source's type, and allow this source.
 */
export function parseRedrivePolicy(json: string, source: RedriveSource): RedrivePolicy {
  const refuse = (reason: string) => invalidValue(json, "RedrivePolicy", reason);
  const policy = parseMap(json);
  if (policy === undefined) throw refuse("Redrive policy is not a valid JSON map.");
  for (const member of ["deadLetterTargetArn", "maxReceiveCount"]) {
    if (policy[member] === undefined) {
      throw refuse(`Redrive policy does not contain mandatory attribute: ${member}.`);
    }
  }
  const maxReceiveCount = toReceiveCount(policy.maxReceiveCount);
  if (maxReceiveCount === undefined) {
    throw refuse(
      `Invalid value for maxReceiveCount: ${policy.maxReceiveCount}, valid values are from 1 to ${MAX_RECEIVE_COUNT} both inclusive.`,
    );
  }
  const deadLetterTargetArn = String(policy.deadLetterTargetArn);
  const target = queueNameFromArn(deadLetterTargetArn);
  if (target === undefined) throw refuse("Invalid value for deadLetterTargetArn.");
  if (toQueueArn(source.owner, target) !== deadLetterTargetArn || !source.broker.hasQueue(target))
    throw refuse("Dead letter target does not exist.");
  const { fifoQueue, passive } = source.broker.queue(target).attributes;
  if (fifoQueue !== source.fifo) {
    throw refuse("Dead-letter queue must be same type of queue as the source.");
  }
  if (!allows(passive.RedriveAllowPolicy, toQueueArn(source.owner, source.name))) {
    throw refuse("The dead-letter queue's redrive allow policy does not allow this source queue.");
  }
  return { deadLetterTargetArn, maxReceiveCount };
}

/** AWS gives the policy back as JSON, its count as a number however it came. */
export function toRedrivePolicyJson({ deadLetterTargetArn, maxReceiveCount }: RedrivePolicy): string {
  return JSON.stringify({ deadLetterTargetArn, maxReceiveCount });
}

/** Throws InvalidParameterValue for a RedriveAllowPolicy that SQS refuses. API Reference, SetQueueAttributes. */
export function assertRedriveAllowPolicy(json: string): void {
  const refuse = (reason: string) => invalidValue(json, "RedriveAllowPolicy", reason);
  const policy = parseMap(json);
  if (policy === undefined) throw refuse("Redrive allow policy is not a valid JSON map.");
  const { redrivePermission, sourceQueueArns } = policy;
  if (
    redrivePermission !== "allowAll" &&
    redrivePermission !== "denyAll" &&
    redrivePermission !== "byQueue"
  ) {
    throw refuse("redrivePermission must be one of allowAll, denyAll and byQueue.");
  }
  if (redrivePermission !== "byQueue") {
    if (sourceQueueArns === undefined) return;
    throw refuse("sourceQueueArns can be given only with redrivePermission byQueue.");
  }
  const valid =
    Array.isArray(sourceQueueArns) &&
    sourceQueueArns.length >= 1 &&
    sourceQueueArns.length <= MAX_REDRIVE_SOURCES &&
    sourceQueueArns.every((arn) => typeof arn === "string" && queueNameFromArn(arn) !== undefined);
  if (!valid) throw refuse(`sourceQueueArns must be 1 to ${MAX_REDRIVE_SOURCES} ARNs of queues.`);
}

function allows(redriveAllowPolicy: string | undefined, sourceArn: string): boolean {
  const policy = redriveAllowPolicy === undefined ? undefined : parseMap(redriveAllowPolicy);
  if (policy?.redrivePermission === "denyAll") return false;
  if (policy?.redrivePermission !== "byQueue") return true;
  return Array.isArray(policy.sourceQueueArns) && policy.sourceQueueArns.includes(sourceArn);
}

function parseMap(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Not JSON at all: the same to the caller as JSON that is no map.
  }
  return undefined;
}

function toReceiveCount(value: unknown): number | undefined {
  if (typeof value !== "number" && !(typeof value === "string" && /^\d+$/.test(value))) return undefined;
  const count = Number(value);
  return Number.isInteger(count) && count >= 1 && count <= MAX_RECEIVE_COUNT ? count : undefined;
}
