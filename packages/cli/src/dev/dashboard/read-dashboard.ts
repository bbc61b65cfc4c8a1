import { GetQueueAttributesCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { configureInstance, type InstanceConfig } from "@queue-run/runtime/instance";
import { type DeadLetter, toDeadLetter } from "../../deploy/manage/failed/dead-letter.js";
import type { DeadLetterQueue } from "../../deploy/manage/failed/dead-letter-queue.js";
import { findDevQueues } from "../../deploy/manage/failed/find-queues.js";
import type { Manifest } from "../../project/manifest.js";
import type { RecentEvents } from "./recent-events.js";
import { type RecentJob, recentJobs } from "./recent-jobs.js";

/** What the dashboard knows of the dev server. */
export type DashboardPorts = {
  manifest: () => Manifest;
  instance: () => InstanceConfig;
  /** Where the project answers. */
  url: string;
  /** Where SQS does. */
  sqsEndpoint: string;
  /** Milliseconds since 1970; null for a schedule that never runs by itself. */
  nextRunMs: (schedule: string) => number | null;
  recent: RecentEvents;
};

/** How many messages a queue has. Null: SQS does not say. */
type QueueCounts = {
  name: string;
  waiting: number | null;
  inFlight: number | null;
  delayed: number | null;
  dead: number | null;
};

/** What the dashboard shows. */
export type DashboardState = {
  manifest: Manifest;
  url: string;
  sqsEndpoint: string;
  counts: Map<string, QueueCounts>;
  /** Some of each queue's, the earliest first. */
  deadLetters: { queueName: string; letters: DeadLetter[] }[];
  jobs: (RecentJob & { record: JobRecord | null })[];
  nextRunMs: (schedule: string) => number | null;
};

/** What is shown of a tracked job's record. */
type JobRecord = { status: string; progress: unknown; result: unknown };

const JOBS_SHOWN = 50;
/** Records that are looked up for one page. */
const RECORDS_SHOWN = 20;
/** As many as one receive gives. */
const LETTERS_SHOWN = 10;

/** Asks SQS and the records for what they have now. */
export async function readDashboard(ports: DashboardPorts): Promise<DashboardState> {
  const manifest = ports.manifest();
  const queues = await openQueues(ports);
  const counts = await Promise.all(queues.map(readCounts));
  const dead = queues.filter((_, index) => (counts[index]?.dead ?? 0) > 0);
  const deadLetters = await Promise.all(
    dead.map(async (queue) => ({ queueName: queue.name, letters: await peek(queue) })),
  );
  const tracked = new Set(manifest.queues.filter(({ settings }) => settings.track).map(({ name }) => name));
  const jobs = recentJobs(ports.recent.list(), JOBS_SHOWN);
  const looked = jobs.filter(({ queueName }) => queueName !== null && tracked.has(queueName));
  const records = await readRecords(ports, looked.slice(0, RECORDS_SHOWN));
  return {
    manifest,
    url: ports.url,
    sqsEndpoint: ports.sqsEndpoint,
    counts: new Map(counts.map((each) => [each.name, each])),
    deadLetters,
    jobs: jobs.map((job) => ({ ...job, record: records.get(job.jobId) ?? null })),
    nextRunMs: ports.nextRunMs,
  };
}

/** @returns the project's queues with their dead-letter queues */
export function openQueues({ manifest, sqsEndpoint }: DashboardPorts): Promise<DeadLetterQueue[]> {
  const names = manifest().queues.map(({ name }) => name);
  return findDevQueues(sqsEndpoint, names);
}

async function readCounts({ name, sqs, queueUrl, deadLetterUrl }: DeadLetterQueue): Promise<QueueCounts> {
  const ask = async (QueueUrl: string) => {
    const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] });
    return (await sqs.send(command).catch(() => null))?.Attributes ?? {};
  };
  const [own, dead] = await Promise.all([ask(queueUrl), ask(deadLetterUrl)]);
  const count = (text: string | undefined) => (text === undefined ? null : Number(text));
  return {
    name,
    waiting: count(own.ApproximateNumberOfMessages),
    inFlight: count(own.ApproximateNumberOfMessagesNotVisible),
    delayed: count(own.ApproximateNumberOfMessagesDelayed),
    dead: count(dead.ApproximateNumberOfMessages),
  };
}

/** Looks at dead letters without holding them: whoever retries them meanwhile finds them all. */
async function peek({ sqs, deadLetterUrl }: DeadLetterQueue): Promise<DeadLetter[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: deadLetterUrl,
    MaxNumberOfMessages: LETTERS_SHOWN,
    VisibilityTimeout: 0,
    MessageAttributeNames: ["All"],
    MessageSystemAttributeNames: ["All"],
  });
  const { Messages = [] } = await sqs.send(command).catch(() => ({ Messages: [] }));
  return Messages.map(toDeadLetter).sort((a, b) => a.sentAt - b.sentAt);
}

async function readRecords(
  { instance }: DashboardPorts,
  jobs: readonly RecentJob[],
): Promise<Map<string, JobRecord>> {
  if (jobs.length === 0) return new Map();
  const { queues } = await import("@queue-run/runtime");
  configureInstance(instance());
  const found = await Promise.all(
    jobs.map(async ({ queueName, jobId }) => {
      const status = await queues
        .get(queueName ?? "")
        .status(jobId)
        .catch(() => null);
      return [jobId, status] as const;
    }),
  );
  return new Map(found.flatMap(([jobId, status]) => (status ? [[jobId, status]] : [])));
}
