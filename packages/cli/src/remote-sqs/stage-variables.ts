import { roleArn } from "../deploy/desired/resource-arns.js";
import {
  delayedName,
  rolePath,
  tableName,
  undeliverableQueueName,
} from "../deploy/desired/resource-names.js";
import { queueArn } from "./stage-queues.js";

/** What a process that is no function of the stage is told of it, besides its queues: as its functions have it. */
export type StageVariables = {
  QUEUE_RUN_TABLE: string;
  QUEUE_RUN_DELAY_GROUP: string;
  QUEUE_RUN_DELAY_ROLE: string;
  QUEUE_RUN_DELAY_DLQ: string;
};

/** @returns where the stage's records are, and what sends jobs that are due later than SQS can delay them */
export function stageVariables(place: {
  project: string;
  stage: string;
  region: string;
  account: string;
}): StageVariables {
  const undeliverable = queueArn(place.region, place.account, undeliverableQueueName(place));
  const [, partition = "aws"] = undeliverable.split(":");
  return {
    QUEUE_RUN_TABLE: tableName(place),
    QUEUE_RUN_DELAY_GROUP: delayedName(place),
    QUEUE_RUN_DELAY_ROLE: roleArn({ ...place, partition }, rolePath(place), delayedName(place)),
    QUEUE_RUN_DELAY_DLQ: undeliverable,
  };
}
