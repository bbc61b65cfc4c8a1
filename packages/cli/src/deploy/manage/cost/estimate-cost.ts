import type { Manifest, QueueDefinition } from "../../../project/manifest.js";
import { projectSettings } from "../../../project/project-settings.js";
import { batchLimits } from "../../../resources/batch-limits.js";
import { FREE_TIER, PRICES } from "./prices.js";

/** What a month is supposed to bring. */
export type ExpectedUse = {
  /** Jobs a month by queue name. */
  jobs: Readonly<Record<string, number>>;
  /** Average run of one attempt. */
  jobSeconds: number;
  /** Average message with its envelope. */
  payloadBytes: number;
  /** HTTP requests a month, and how long one runs on average. */
  requests: number;
  requestSeconds: number;
  /** Messages of the socket a month, those that come in and those that go out. */
  messages: number;
  /** Runs a month by schedule name. */
  scheduledRuns: Readonly<Record<string, number>>;
};

/** One line of a bill: a quantity at a price. */
type CostLine = {
  service: "SQS" | "Lambda" | "CloudWatch Logs" | "API Gateway" | "EventBridge Scheduler" | "DynamoDB";
  /** "emails: sent, received, deleted" */
  what: string;
  quantity: number;
  /** "requests", "GB-s", "GB" */
  unit: string;
  /** US dollars. */
  unitPrice: number;
  dollars: number;
};

export type CostEstimate = {
  lines: CostLine[];
  /** US dollars a month at list prices. */
  total: number;
  /** The same when nothing else in the account uses the free tier. */
  afterFreeTier: number;
  /** What the figures stand on, to be read with them. */
  assumptions: string[];
};

const SECONDS_PER_MONTH = 30 * 86_400;
/** Lambda polls an idle queue with two long polls at a time, with five where a concurrency is set. Developer Guide. */
const IDLE_POLLERS = 2;
const IDLE_POLLERS_WITH_CONCURRENCY = 5;
const LONG_POLL_SECONDS = 20;
/** Lambda's own JSON lines and one or two of the job's. */
const LOG_BYTES_PER_INVOCATION = 1_500;
const BYTES_PER_GIGABYTE = 1024 ** 3;

/**
 * What a project would cost in a month. One job a delivery is reckoned with: jobs that come close together share
 * requests and invocations, and cost less.
 */
export function estimateCost(
  manifest: Pick<Manifest, "queues" | "routes" | "schedules" | "socket" | "settings">,
  use: ExpectedUse,
): CostEstimate {
  const { architecture, memoryMegabytes, http } = projectSettings(manifest.settings);
  const projectGigabytes = memoryMegabytes / 1024;
  const gigabyteSecond = PRICES.lambda.gigabyteSecond[architecture];
  const lines: CostLine[] = [];
  const add = (service: CostLine["service"], what: string, quantity: number, unit: string, price: number) => {
    if (quantity > 0)
      lines.push({ service, what, quantity, unit, unitPrice: price, dollars: quantity * price });
  };
  const addInvocations = (what: string, invocations: number, seconds: number, gigabytes: number) => {
    add("Lambda", `${what}: invocations`, invocations, "requests", PRICES.lambda.request);
    add("Lambda", `${what}: running`, invocations * seconds * gigabytes, "GB-s", gigabyteSecond);
    const logged = (invocations * LOG_BYTES_PER_INVOCATION) / BYTES_PER_GIGABYTE;
    add("CloudWatch Logs", `${what}: log`, logged, "GB", PRICES.logs.gigabyte);
  };

  for (const queue of manifest.queues) {
    const jobs = use.jobs[queue.name] ?? 0;
    const price = queue.fifo ? PRICES.sqs.fifo : PRICES.sqs.standard;
    const chunks = Math.max(1, Math.ceil(use.payloadBytes / PRICES.sqs.chunkBytes));
    // Sent and received by the chunk; deleted with one request.
    const requests = jobs * (2 * chunks + 1);
    add("SQS", `${queue.name}: sent, received, deleted`, requests, "requests", price);
    add("SQS", `${queue.name}: waiting for jobs`, idlePolls(queue), "requests", price);
    const gigabytes = (queue.settings.memoryMegabytes ?? memoryMegabytes) / 1024;
    addInvocations(queue.name, jobs, use.jobSeconds, gigabytes);
    if (queue.settings.track)
      add("DynamoDB", `${queue.name}: records`, jobs * recordWrites(queue), "writes", PRICES.dynamodb.write);
  }
  if (manifest.routes.length > 0) {
    addInvocations("api", use.requests, use.requestSeconds, projectGigabytes);
    if (http === "api-gateway")
      add("API Gateway", "api: requests", use.requests, "requests", PRICES.httpApi.request);
  }
  if (manifest.socket) {
    const gigabytes = (manifest.socket.settings.memoryMegabytes ?? memoryMegabytes) / 1024;
    add("API Gateway", "socket: messages", use.messages, "messages", PRICES.webSocketApi.message);
    // Half of them come in, and each is an invocation.
    addInvocations("socket", use.messages / 2, use.requestSeconds, gigabytes);
  }
  for (const { name, settings } of manifest.schedules) {
    const runs = use.scheduledRuns[name] ?? 0;
    add("EventBridge Scheduler", `${name}: runs`, runs, "runs", PRICES.scheduler.invocation);
    const gigabytes = (settings.memoryMegabytes ?? memoryMegabytes) / 1024;
    addInvocations(name, runs, use.jobSeconds, gigabytes);
  }
  const total = lines.reduce((sum, { dollars }) => sum + dollars, 0);
  return {
    lines,
    total,
    afterFreeTier: total - freeTierDollars(lines),
    assumptions: assumptions(manifest, use),
  };
}

/** Created, claimed, completed; entries of limits and of deduplication besides. docs/decisions/job-records.md */
function recordWrites({ fifo, settings }: QueueDefinition): number {
  return 3 + (settings.limits.pending === null ? 0 : 2) + (fifo ? 1 : 0);
}

/** Receives that find nothing are billed too. */
function idlePolls({ settings }: QueueDefinition): number {
  const limited = batchLimits(settings).maximumConcurrency !== null;
  const pollers = limited ? IDLE_POLLERS_WITH_CONCURRENCY : IDLE_POLLERS;
  return pollers * (SECONDS_PER_MONTH / LONG_POLL_SECONDS);
}

/** What the free tier takes off, the dearest requests last: AWS does not say which it counts first. */
function freeTierDollars(lines: readonly CostLine[]): number {
  const taken = (belongs: (line: CostLine) => boolean, free: number) => {
    let left = free;
    let dollars = 0;
    for (const line of lines.filter(belongs).sort((a, b) => a.unitPrice - b.unitPrice)) {
      const quantity = Math.min(left, line.quantity);
      left -= quantity;
      dollars += quantity * line.unitPrice;
    }
    return dollars;
  };
  return (
    taken(({ service }) => service === "SQS", FREE_TIER.sqsRequests) +
    taken(({ service, unit }) => service === "Lambda" && unit === "requests", FREE_TIER.lambdaRequests) +
    taken(({ service, unit }) => service === "Lambda" && unit === "GB-s", FREE_TIER.lambdaGigabyteSeconds) +
    taken(({ service }) => service === "CloudWatch Logs", FREE_TIER.logGigabytes) +
    taken(({ service }) => service === "EventBridge Scheduler", FREE_TIER.schedulerInvocations)
  );
}

function assumptions(
  { queues, routes, socket }: Pick<Manifest, "queues" | "routes" | "socket">,
  use: ExpectedUse,
): string[] {
  return [
    ...(queues.length > 0
      ? [
          `a job runs ${use.jobSeconds} s, once, with a message of ${use.payloadBytes} bytes, alone in its delivery`,
          "an idle queue is polled all month, which is billed",
          "no job is delayed for longer than SQS's quarter of an hour: each that is costs a run of EventBridge Scheduler",
        ]
      : []),
    ...(queues.some(({ settings }) => settings.track)
      ? ["a tracked job has no tag, reports no progress, and its record is not asked for"]
      : []),
    ...(routes.length > 0 ? [`a request runs ${use.requestSeconds} s`] : []),
    ...(socket
      ? [
          `messages of the socket are short, half of them come in and take ${use.requestSeconds} s`,
          `connections cost $${(PRICES.webSocketApi.connectionMinute * 60 * 1e6).toFixed(0)} for a million hours, left out`,
        ]
      : []),
    `${LOG_BYTES_PER_INVOCATION} bytes of log an invocation, cold starts and traffic out of AWS left out`,
    "dead-letter queues, the stage's table, the variables' parameter, roles and function URLs cost nothing while unused",
  ];
}
