import { physicalQueueNames } from "../names/physical-names.js";
import type { DelaysLink, InstanceConfig, QueueLink } from "./instance.js";

/** What a bundle knows of a queue of its project; the rest depends on where it is deployed. */
export type BundledQueue = Pick<
  QueueLink,
  | "name"
  | "fifo"
  | "jobs"
  | "maxPayloadBytes"
  | "maxHops"
  | "track"
  | "retries"
  | "retentionSeconds"
  | "maxPending"
>;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a function on Lambda knows of the project, from the variables that deploying sets: `QUEUE_RUN_PROJECT`,
 * `QUEUE_RUN_STAGE`, `QUEUE_RUN_URL` (the project's address; may be missing), `QUEUE_RUN_SQS_URL_PREFIX` (what a
 * queue's physical name is appended to), `QUEUE_RUN_TABLE` (the stage's table), `QUEUE_RUN_DELAY_GROUP`,
 * `QUEUE_RUN_DELAY_ROLE` and `QUEUE_RUN_DELAY_DLQ` (the schedule group of long delays, and ARNs of its role and of its
 * dead-letter queue), `QUEUE_RUN_SOCKET_URL` (what `@connections` is under), and Lambda's own `AWS_REGION`.
 */
export function instanceFromEnvironment(queues: readonly BundledQueue[], env: Environment): InstanceConfig {
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
    ...(env.QUEUE_RUN_TABLE && { table: { name: env.QUEUE_RUN_TABLE } }),
    ...delaysFromEnvironment(env),
    ...(env.QUEUE_RUN_SOCKET_URL && { socket: { endpoint: env.QUEUE_RUN_SOCKET_URL } }),
    baseUrl: env.QUEUE_RUN_URL ?? null,
    readableLogs: false,
  };
}

function delaysFromEnvironment(env: Environment): { delays?: DelaysLink } {
  const { QUEUE_RUN_DELAY_GROUP: scheduleGroup, QUEUE_RUN_DELAY_ROLE: roleArn } = env;
  if (!scheduleGroup || !roleArn) return {};
  return { delays: { scheduleGroup, roleArn, deadLetterArn: env.QUEUE_RUN_DELAY_DLQ || null } };
}
