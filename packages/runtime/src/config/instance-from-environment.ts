import { physicalQueueNames } from "../names/physical-names.js";
import type { InstanceConfig, QueueLink } from "./instance.js";

/** What a bundle knows of a queue of its project; the rest depends on where it is deployed. */
export type BundledQueue = Pick<
  QueueLink,
  "name" | "fifo" | "jobs" | "maxPayloadBytes" | "maxHops" | "track"
>;

/**
 * What a function on Lambda knows of the project, from the variables that deploying sets: `QUEUE_RUN_PROJECT`,
 * `QUEUE_RUN_STAGE`, `QUEUE_RUN_URL` (the project's address; may be missing), `QUEUE_RUN_SQS_URL_PREFIX` (what a
 * queue's physical name is appended to), `QUEUE_RUN_TABLE` (the stage's table), and Lambda's own `AWS_REGION`.
 */
export function instanceFromEnvironment(
  queues: readonly BundledQueue[],
  env: Readonly<Record<string, string | undefined>>,
): InstanceConfig {
  const project = env.QUEUE_RUN_PROJECT ?? "";
  const stage = env.QUEUE_RUN_STAGE ?? "";
  const links: Record<string, QueueLink> = {};
  for (const queue of queues) {
    const physical = physicalQueueNames({ project, stage, name: queue.name });
    links[queue.name] = {
      ...queue,
      physicalName: physical.queue,
      deadLetterPhysicalName: physical.deadLetterQueue,
    };
  }
  return {
    project,
    stage,
    queues: links,
    sqs: { region: env.AWS_REGION ?? "us-east-1", queueUrlPrefix: env.QUEUE_RUN_SQS_URL_PREFIX ?? "" },
    ...(env.QUEUE_RUN_TABLE && { tableName: env.QUEUE_RUN_TABLE }),
    baseUrl: env.QUEUE_RUN_URL ?? null,
    readableLogs: false,
  };
}
