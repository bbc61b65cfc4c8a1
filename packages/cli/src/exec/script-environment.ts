import {
  type BundledQueue,
  type InstanceConfig,
  type ScriptEnvironment,
  toScriptQueues,
} from "@queue-run/runtime/instance";
import type { StageVariables } from "../remote-sqs/stage-variables.js";

/** What a script needs to push into a dev server. */
export function devScriptEnvironment({
  project,
  stage,
  queues,
  sqs,
  table,
  delays,
  baseUrl,
}: InstanceConfig): ScriptEnvironment {
  return {
    QUEUE_RUN_PROJECT: project,
    QUEUE_RUN_STAGE: stage,
    QUEUE_RUN_SQS_URL_PREFIX: sqs.queueUrlPrefix,
    QUEUE_RUN_SQS_REGION: sqs.region,
    QUEUE_RUN_QUEUES: toScriptQueues(Object.values(queues)),
    ...(sqs.endpoint !== undefined && { QUEUE_RUN_SQS_ENDPOINT: sqs.endpoint }),
    ...(table?.endpoint && { QUEUE_RUN_TABLE: table.name, QUEUE_RUN_SERVICES_ENDPOINT: table.endpoint }),
    ...(delays && { QUEUE_RUN_DELAY_GROUP: delays.scheduleGroup, QUEUE_RUN_DELAY_ROLE: delays.roleArn }),
    ...(baseUrl !== null && { QUEUE_RUN_URL: baseUrl }),
  };
}

/** What a script needs to push into the queues of a deployed stage. */
export function stageScriptEnvironment(stage: {
  project: string;
  stage: string;
  region: string;
  queueUrlPrefix: string;
  queues: readonly BundledQueue[];
  variables: StageVariables;
}): ScriptEnvironment {
  return {
    QUEUE_RUN_PROJECT: stage.project,
    QUEUE_RUN_STAGE: stage.stage,
    QUEUE_RUN_SQS_URL_PREFIX: stage.queueUrlPrefix,
    QUEUE_RUN_SQS_REGION: stage.region,
    QUEUE_RUN_QUEUES: toScriptQueues(stage.queues),
    ...stage.variables,
  };
}
