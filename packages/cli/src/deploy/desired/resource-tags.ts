import type { StageScope, Tags } from "./desired-state.js";

/** Tags that say whose a resource is: what has both, with our values, is ours. */
export const PROJECT_TAG = "queue-run:project";
export const STAGE_TAG = "queue-run:stage";
/** Tags that say what a resource is, so that it can be told when its file is gone. */
export const KIND_TAG = "queue-run:kind";
export const NAME_TAG = "queue-run:name";

/** What a tagged resource is. Its name is the queue's ("emails.fifo"), the function's id ("queue:emails"), or empty. */
export type ResourceKind =
  | "table"
  | "queue"
  | "dead-letter-queue"
  | "undeliverable-queue"
  | "function"
  | "role"
  | "log-group"
  | "http-api"
  | "websocket-api"
  | "schedule-group";

/**
 * @param own - the project's `tags`
 * @param name - of the queue, or id of the function, that it belongs to; empty where there is one in a stage
 */
export function resourceTags(
  { project, stage }: Pick<StageScope, "project" | "stage">,
  own: Tags,
  kind: ResourceKind,
  name = "",
): Tags {
  return {
    ...own,
    [PROJECT_TAG]: project,
    [STAGE_TAG]: stage,
    [KIND_TAG]: kind,
    ...(name !== "" && { [NAME_TAG]: name }),
  };
}

/** Whether a resource is of this project and stage. */
export function isOurs(tags: Tags, { project, stage }: Pick<StageScope, "project" | "stage">): boolean {
  return tags[PROJECT_TAG] === project && tags[STAGE_TAG] === stage;
}
