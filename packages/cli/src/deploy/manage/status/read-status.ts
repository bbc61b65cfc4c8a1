import { GetQueueAttributesCommand, GetQueueUrlCommand } from "@aws-sdk/client-sqs";
import { physicalQueueNames } from "@queue-run/runtime/names";
import { listScheduleNames } from "../../actual/read-scheduling.js";
import { orNull } from "../../aws/aws-failure.js";
import { sqs } from "../../aws/sqs.js";
import { scheduleGroupName } from "../../desired/resource-names.js";
import { inParallel } from "../../in-parallel.js";
import { type DeployedFunction, readDeployedStage } from "../deployed-stage.js";
import { type MetricQuery, readMetrics } from "../metrics/read-metrics.js";
import type { Stage } from "../open-stage.js";

/** What a deployed stage is and what waits in it. */
export type StageStatus = {
  project: string;
  stage: string;
  region: string;
  url: string | null;
  functions: DeployedFunction[];
  queues: QueueStatus[];
  /** Names of EventBridge Scheduler's schedules in the stage's group. */
  schedules: string[];
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
/** The metric comes once a minute, some minutes late. */
const OLDEST_WITHIN_MS = 10 * 60_000;
const COUNTS = [
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesNotVisible",
  "ApproximateNumberOfMessagesDelayed",
] as const;

/** @throws QR_STAGE_NOT_DEPLOYED */
export async function readStatus(stage: Stage): Promise<StageStatus> {
  const { functions, url } = await readDeployedStage(stage);
  const names = functions.flatMap(({ id }) => (id.startsWith("queue:") ? [id.slice("queue:".length)] : []));
  const [queues, schedules, oldest] = await Promise.all([
    inParallel(names, CALLS_AT_ONCE, (name) => readQueue(stage, name)),
    listScheduleNames(stage.aws, scheduleGroupName(stage)),
    readOldest(stage, names),
  ]);
  return {
    project: stage.project,
    stage: stage.stage,
    region: stage.aws.region,
    url,
    functions,
    queues: queues.map((queue) => ({ ...queue, oldestSeconds: oldest.get(queue.name) ?? null })),
    schedules,
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
    deadLetters: dead ? dead.reduce((sum, count) => sum + count, 0) : null,
  };
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

async function readOldest(stage: Stage, names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (names.length === 0) return new Map();
  const toMs = stage.aws.clock.now();
  const queries = names.map(
    (name): MetricQuery => ({
      key: name,
      namespace: "AWS/SQS",
      metric: "ApproximateAgeOfOldestMessage",
      dimension: { name: "QueueName", value: physicalQueueNames({ ...stage, name }).queue },
      statistic: "Maximum",
    }),
  );
  const range = { fromMs: toMs - OLDEST_WITHIN_MS, toMs, periodSeconds: 60 };
  const values = await readMetrics(stage.aws, queries, range);
  return new Map(
    [...values].flatMap(([name, found]) => found.slice(-1).map((last) => [name, last] as const)),
  );
}
