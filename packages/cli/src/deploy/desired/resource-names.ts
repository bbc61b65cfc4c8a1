import { SQS_MAX_QUEUE_NAME_LENGTH } from "@queue-run/runtime/limits";
import { shortenedName, stagePrefix } from "@queue-run/runtime/names";
import {
  API_GATEWAY_MAX_NAME_LENGTH,
  DYNAMODB_MAX_TABLE_NAME_LENGTH,
  IAM_MAX_ROLE_NAME_LENGTH,
  LAMBDA_MAX_FUNCTION_NAME_LENGTH,
  SCHEDULER_MAX_NAME_LENGTH,
} from "../limits.js";
import type { StageScope } from "./desired-state.js";

/** Whose resources are named: `PROJECT-STAGE-…`. Queues' names are the runtime's, which needs them too. */
type Stage = Pick<StageScope, "project" | "stage">;

/**
 * @param id - "queue:emails.fifo", "schedule:daily", "api", "socket"
 * @returns `PROJECT-STAGE-queue-emails-fifo`: also the name of the function's role
 */
export function functionName(stage: Stage, id: string): string {
  const name = id.replace(":", "-").replaceAll(".", "-");
  return shortenedName(`${stagePrefix(stage)}-${name}`, LAMBDA_MAX_FUNCTION_NAME_LENGTH);
}

/** Where Lambda itself would log. */
export function logGroupName(functionName: string): string {
  return `/aws/lambda/${functionName}`;
}

export function tableName(stage: Stage): string {
  return shortenedName(stagePrefix(stage), DYNAMODB_MAX_TABLE_NAME_LENGTH);
}

/** The HTTP API's: not unique on AWS, so that it is found by its tags. */
export function apiName(stage: Stage): string {
  return shortenedName(`${stagePrefix(stage)}-api`, API_GATEWAY_MAX_NAME_LENGTH);
}

/** The WebSocket API's: not unique on AWS either. */
export function socketName(stage: Stage): string {
  return shortenedName(`${stagePrefix(stage)}-socket`, API_GATEWAY_MAX_NAME_LENGTH);
}

export function scheduleGroupName(stage: Stage): string {
  return shortenedName(stagePrefix(stage), SCHEDULER_MAX_NAME_LENGTH);
}

/** What EventBridge Scheduler assumes. */
export function schedulerRoleName(stage: Stage): string {
  return shortenedName(`${stagePrefix(stage)}-scheduler`, IAM_MAX_ROLE_NAME_LENGTH);
}

/** The group of messages that wait for their time, and the role with which they are sent. */
export function delayedName(stage: Stage): string {
  return shortenedName(`${stagePrefix(stage)}-delayed`, SCHEDULER_MAX_NAME_LENGTH);
}

/** No queue file's name begins with `_`, so that no queue of a file is called so. */
export function undeliverableQueueName(stage: Stage): string {
  return shortenedName(`${stagePrefix(stage)}-_undeliverable`, SQS_MAX_QUEUE_NAME_LENGTH);
}

/**
 * @param suffix - tells the schedules of one file apart
 * @returns a name that is unique in the stage's group
 */
export function scheduleName(name: string, suffix: string): string {
  return shortenedName(`${name}${suffix}`, SCHEDULER_MAX_NAME_LENGTH);
}

/**
 * The path of a stage's roles: what ListRoles finds them by, and what a deployer may be confined to. Roles are the same
 * in all regions, so it says which one they are for.
 */
export function rolePath({ project, stage, region }: Stage & Pick<StageScope, "region">): string {
  const [first, second] = [project, stage].map((part) => part.replace(/[^A-Za-z0-9_.-]+/g, "-"));
  return `/queue-run/${first}/${second}/${region}/`;
}

/** @returns the region that a role of this stage is for, by its path; null where that is none of the stage's */
export function regionOfRole(stage: Stage, path: string): string | null {
  const own = rolePath({ ...stage, region: "" }).slice(0, -1);
  return path.startsWith(own) ? path.slice(own.length).replace(/\/$/, "") || null : null;
}
