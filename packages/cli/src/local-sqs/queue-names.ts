import { SQS_MAX_QUEUE_NAME_LENGTH } from "@queue-run/runtime/limits";
import { invalidAddress, invalidParameterValue } from "./sqs-errors.js";

const QUEUE_URL = /^(?:https?:\/\/[^/]+)?\/(?:[^?#]*\/)?\d{12}\/([^/?#]+)\/?$/;
const QUEUE_PATH = /^\/(?:[^?#]*\/)?\d{12}\/([^/?#]+)\/?$/;
const NAME_CHARACTERS = /^[A-Za-z0-9_-]+$/;
const SQS_ARN = /^arn:[^:]+:sqs:[^:]*:\d{12}:([^:]+)$/;
const FIFO_SUFFIX = ".fifo";

/** Whose queues these are: the two middle parts of an ARN. */
export type Owner = { accountId: string; region: string };

/**
 * The queue that a QueueUrl means: by its path, whatever its host and account, so that a URL made on one of the
 * server's addresses works on the others. A bare name is accepted, as AWS does. Throws InvalidAddress.
 */
export function queueNameFromUrl(queueUrl: string): string {
  if (!queueUrl.includes("/")) return queueUrl;
  const match = QUEUE_URL.exec(queueUrl);
  if (match?.[1] === undefined) throw invalidAddress(queueUrl);
  return match[1];
}

/** The queue that a request's path is about; undefined for `/` and anything else. */
export function queueNameFromPath(path: string): string | undefined {
  return path === "/" ? undefined : QUEUE_PATH.exec(path)?.[1];
}

/** `origin`: `http://localhost:9324`. */
export function toQueueUrl(origin: string, owner: Owner, name: string): string {
  return `${origin}/${owner.accountId}/${name}`;
}

export function toQueueArn(owner: Owner, name: string): string {
  return `arn:aws:sqs:${owner.region}:${owner.accountId}:${name}`;
}

/** The name of the queue with this ARN, in any account and region; undefined for what is not an SQS queue's ARN. */
export function queueNameFromArn(arn: string): string | undefined {
  return SQS_ARN.exec(arn)?.[1];
}

export function isFifoName(name: string): boolean {
  return name.endsWith(FIFO_SUFFIX);
}

/**
 * Throws InvalidParameterValue for a name that a queue of this type may not have.
 * API Reference, CreateQueue; a standard queue's name may not end in `.fifo`, nor a FIFO queue's in anything else.
 */
export function assertQueueName(name: string, fifo: boolean): void {
  const stem = fifo && isFifoName(name) ? name.slice(0, -FIFO_SUFFIX.length) : name;
  const valid = NAME_CHARACTERS.test(stem) && name.length <= SQS_MAX_QUEUE_NAME_LENGTH;
  if (valid && fifo === isFifoName(name)) return;
  throw invalidParameterValue(
    fifo
      ? `The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to ${SQS_MAX_QUEUE_NAME_LENGTH} in length.`
      : `Can only include alphanumeric characters, hyphens, or underscores. 1 to ${SQS_MAX_QUEUE_NAME_LENGTH} in length`,
  );
}
