import { SQS_MAX_MESSAGE_BYTES } from "@queue-run/runtime/limits";
import { physicalQueueNames } from "@queue-run/runtime/names";
import type { QueueDefinition } from "../../project/manifest.js";
import { deadLetterAttributes, queueAttributes } from "../../resources/queue-attributes.js";
import { sqsAttributes } from "../../resources/sqs-attributes.js";
import type { DesiredQueue, StageScope, Tags } from "./desired-state.js";
import { queueArn } from "./resource-arns.js";
import { undeliverableQueueName } from "./resource-names.js";
import { resourceTags } from "./resource-tags.js";

/** What a queue is set to where a project says nothing: SQS's defaults. API Reference, SetQueueAttributes. */
const SQS_DEFAULTS = {
  DelaySeconds: "0",
  MaximumMessageSize: String(SQS_MAX_MESSAGE_BYTES),
  ReceiveMessageWaitTimeSeconds: "0",
} as const;

/** SQS's default of an attribute that a dead-letter queue, which nothing polls, leaves alone. */
const DEFAULT_VISIBILITY_TIMEOUT_SECONDS = "30";

/**
 * A queue and, before it, its dead-letter queue: one unit.
 *
 * @param ownTags - the project's
 */
export function desiredQueues(queue: QueueDefinition, scope: StageScope, ownTags: Tags): DesiredQueue[] {
  const { name, file, fifo } = queue;
  const physical = physicalQueueNames({ project: scope.project, stage: scope.stage, name });
  const deadLetterArn = queueArn(scope, physical.deadLetterQueue);
  const both = { unit: queueUnit(name), name, file, fifo };
  return [
    {
      ...both,
      role: "dead-letter",
      physicalName: physical.deadLetterQueue,
      arn: deadLetterArn,
      attributes: {
        ...SQS_DEFAULTS,
        VisibilityTimeout: DEFAULT_VISIBILITY_TIMEOUT_SECONDS,
        ...sqsAttributes(deadLetterAttributes(queue)),
      },
      tags: resourceTags(scope, ownTags, "dead-letter-queue", name),
    },
    {
      ...both,
      role: "queue",
      physicalName: physical.queue,
      arn: queueArn(scope, physical.queue),
      attributes: { ...SQS_DEFAULTS, ...sqsAttributes(queueAttributes(queue, deadLetterArn)) },
      tags: resourceTags(scope, ownTags, "queue", name),
    },
  ];
}

/**
 * Where messages go that waited for their time and then could not be sent.
 *
 * @param unit - that it is a part of
 */
export function desiredUndeliverableQueue(unit: string, scope: StageScope, ownTags: Tags): DesiredQueue {
  const physicalName = undeliverableQueueName(scope);
  return {
    unit,
    name: "",
    file: "queues/",
    fifo: false,
    role: "undeliverable",
    physicalName,
    arn: queueArn(scope, physicalName),
    attributes: {
      ...SQS_DEFAULTS,
      VisibilityTimeout: DEFAULT_VISIBILITY_TIMEOUT_SECONDS,
      ...sqsAttributes(deadLetterAttributes({ fifo: false })),
    },
    tags: resourceTags(scope, ownTags, "undeliverable-queue"),
  };
}

/** @param name - the queue's own */
export function queueUnit(name: string): string {
  return `queue:${name}`;
}
