import { GetQueueAttributesCommand, GetQueueUrlCommand } from "@aws-sdk/client-sqs";
import { physicalQueueNames } from "@queue-run/runtime/names";
import { readOldestMessages } from "../../actual/read-oldest-messages.js";
import { listScheduleNames } from "../../actual/read-scheduling.js";
import { orNull } from "../../aws/aws-failure.js";
import { sqs } from "../../aws/sqs.js";
import { webSocketUrl } from "../../desired/addresses.js";
import { scheduleGroupName, undeliverableQueueName } from "../../desired/resource-names.js";
import { inParallel } from "../../in-parallel.js";
import { type DeployedFunction, readDeployedStage } from "../deployed-stage.js";
import type { Stage } from "../open-stage.js";

/** What a deployed stage is and what waits in it. */
export type StageStatus = {
  project: string;
  stage: string;
  region: string;
  /** Of the API. */
  url: string | null;
  /** Of the socket: `wss://…`. */
  socketUrl: string | null;
  functions: DeployedFunction[];
  queues: QueueStatus[];
  /** Names of EventBridge Scheduler's schedules in the stage's group. */
  schedules: string[];
  /** Messages that waited for their time and then could not be sent; null where there is no queue for them. */
  undeliverable: number | null;
};

/** Counts are SQS's own, which it calls approximate. Null: the queue is not there. */
export type QueueStatus = {
  name: string;
  visible: number | null;
  inFlight: number | null;
  delayed: number | null;
  /** Age of the oldest message that waits, by CloudWatch, in seconds; null where it knows of none. */
  oldestSeconds: number | null;
  deadLetters: number | null;
};

const CALLS_AT_ONCE = 10;
const COUNTS = [
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesNotVisible",
  "ApproximateNumberOfMessagesDelayed",
] as const;

/** @throws QR_STAGE_NOT_DEPLOYED */
export async function readStatus(stage: Stage): Promise<StageStatus> {
  const { functions, url, socketUrl } = await readDeployedStage(stage);
  const names = functions.flatMap(({ id }) => (id.startsWith("queue:") ? [id.slice("queue:".length)] : []));
  const [queues, schedules, oldest, undeliverable] = await Promise.all([
    inParallel(names, CALLS_AT_ONCE, (name) => readQueue(stage, name)),
    listScheduleNames(stage.aws, scheduleGroupName(stage)),
    readOldestMessages(
      stage.aws,
      names.map((name) => physicalQueueNames({ ...stage, name }).queue),
    ),
    names.length > 0 ? readCounts(stage, undeliverableQueueName(stage)) : null,
  ]);
  return {
    project: stage.project,
    stage: stage.stage,
    region: stage.aws.region,
    url,
    socketUrl: socketUrl === null ? null : webSocketUrl(socketUrl),
    functions,
    queues: queues.map((queue) => ({
      ...queue,
      oldestSeconds: oldest.get(physicalQueueNames({ ...stage, name: queue.name }).queue) ?? null,
    })),
    schedules,
    undeliverable: undeliverable ? sum(undeliverable) : null,
  };
}

async function readQueue(stage: Stage, name: string): Promise<Omit<QueueStatus, "oldestSeconds">> {
  const { queue, deadLetterQueue } = physicalQueueNames({ ...stage, name });
  const [own, dead] = await Promise.all([readCounts(stage, queue), readCounts(stage, deadLetterQueue)]);
  return {
    name,
    visible: own?.[0] ?? null,
    inFlight: own?.[1] ?? null,
    delayed: own?.[2] ?? null,
    deadLetters: dead ? sum(dead) : null,
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

async function readCounts({ aws }: Stage, QueueName: string): Promise<number[] | null> {
  const client = sqs(aws);
  const found = await orNull(client.send(new GetQueueUrlCommand({ QueueName })));
  if (!found) return null;
  const attributes = await orNull(
    client.send(new GetQueueAttributesCommand({ QueueUrl: found.QueueUrl, AttributeNames: [...COUNTS] })),
  );
  return attributes && COUNTS.map((name) => Number(attributes.Attributes?.[name] ?? 0));
}
