import {
  type Backoff,
  defaultQueueSettings,
  type IamStatement,
  MAX_RETRY_DELAY_SECONDS,
  type QueueSettings,
  retryDelaySeconds,
} from "@queue-run/runtime/config";
import {
  LAMBDA_MAX_FIFO_BATCH_SIZE,
  LAMBDA_MAX_MAXIMUM_CONCURRENCY,
  LAMBDA_MAX_MEMORY_MEGABYTES,
  LAMBDA_MAX_SQS_BATCH_SIZE,
  LAMBDA_MAX_SQS_BATCH_SIZE_WITHOUT_WINDOW,
  LAMBDA_MAX_SQS_BATCH_WINDOW_SECONDS,
  LAMBDA_MAX_TIMEOUT_SECONDS,
  LAMBDA_MIN_MAXIMUM_CONCURRENCY,
  LAMBDA_MIN_MEMORY_MEGABYTES,
  SQS_MAX_MESSAGE_BYTES,
  SQS_MAX_RETENTION_SECONDS,
  SQS_MIN_RETENTION_SECONDS,
} from "@queue-run/runtime/limits";
import { areIamStatements, iamStatementFault } from "./iam-statements.js";
import type { SettingReader } from "./setting-reader.js";

const BACKOFFS: readonly Backoff[] = ["exponential", "linear", "none"];
/** Each push counts the jobs of its group that have not ended: thirty of them for a read unit. */
const MAX_PENDING = 10_000;
const LIMIT_KEYS = ["payload", "pending", "pushes", "hops"] as const;
const KEYS = [
  "timeout",
  "retries",
  "backoff",
  "backoffDelay",
  "concurrency",
  "batchSize",
  "batchWindow",
  "memory",
  "track",
  "retention",
  "expires",
  "limits",
  "permissions",
] as const;

/** Seconds that a function keeps back from its timeout, to report what it did. */
const REPORTING_SECONDS = 10;
/** Longest timeout of one attempt: Lambda's, less the time to report. */
export const MAX_JOB_TIMEOUT_SECONDS = LAMBDA_MAX_TIMEOUT_SECONDS - REPORTING_SECONDS;
/** Most attempts after the first; with receives that did not count, this stays below SQS's redrive at 100. */
const MAX_RETRIES = 90;
const YEAR_SECONDS = 365 * 86_400;

/**
 * Checks a queue's config and fills in what it leaves out.
 *
 * @param reader - the config, over the project's defaults for queues
 * @param fifo - FIFO queues have a default and limits of their own
 * @returns the settings; where a member was not valid, its default (the reader has the problem)
 */
export function readQueueSettings(reader: SettingReader, fifo: boolean): QueueSettings {
  const settings = defaultQueueSettings(fifo);
  const config = checkQueueConfig(reader);
  const given = Object.fromEntries(
    Object.entries(config).filter(([, value]) => value !== null && value !== undefined),
  );
  Object.assign(settings, given);
  settings.limits = { ...defaultQueueSettings(fifo).limits, ...readLimits(reader) };
  if (settings.limits.pending !== null && !settings.track)
    reader.reject(
      "limits.pending",
      "config.limits.pending counts the records of jobs, and this queue keeps none.",
      "Add track: true, or leave limits.pending out.",
    );
  checkBatch(reader, settings, fifo);
  checkBackoff(reader, settings);
  return settings;
}

/** Checks each member by itself: what is true of any queue, and of the project's defaults. */
export function checkQueueConfig(reader: SettingReader) {
  reader.unknownKeys(reader.raw(""), KEYS);
  reader.unknownKeys(reader.raw("limits"), LIMIT_KEYS, "limits.");
  const oneAtATime = "For one job at a time use a FIFO queue and one group: rename the file to end in .fifo.";
  const retention = reader.duration("retention", SQS_MIN_RETENTION_SECONDS, SQS_MAX_RETENTION_SECONDS);
  const backoffDelay = reader.duration("backoffDelay", 0, MAX_RETRY_DELAY_SECONDS);
  return {
    timeoutSeconds: reader.duration("timeout", 1, MAX_JOB_TIMEOUT_SECONDS),
    retries: reader.wholeNumber("retries", 0, MAX_RETRIES),
    backoff: reader.oneOf("backoff", BACKOFFS),
    backoffDelaySeconds: backoffDelay === null ? null : Math.ceil(backoffDelay),
    concurrency: reader.wholeNumber(
      "concurrency",
      LAMBDA_MIN_MAXIMUM_CONCURRENCY,
      LAMBDA_MAX_MAXIMUM_CONCURRENCY,
      oneAtATime,
    ),
    batchSize: reader.wholeNumber("batchSize", 1, LAMBDA_MAX_SQS_BATCH_SIZE),
    batchWindowSeconds: reader.duration("batchWindow", 0, LAMBDA_MAX_SQS_BATCH_WINDOW_SECONDS),
    memoryMegabytes: reader.megabytes("memory", LAMBDA_MIN_MEMORY_MEGABYTES, LAMBDA_MAX_MEMORY_MEGABYTES),
    track: reader.boolean("track"),
    // SQS counts in whole seconds.
    retentionSeconds: retention === null ? null : Math.ceil(retention),
    expiresSeconds: reader.duration("expires", 1, YEAR_SECONDS),
    permissions: readPermissions(reader),
  };
}

/** @returns the statements, or null when none are given or they are not valid */
export function readPermissions(reader: SettingReader, key = "permissions"): IamStatement[] | null {
  const given = reader.raw(key);
  if (given === undefined) return null;
  if (areIamStatements(given)) return given;
  const faults = Array.isArray(given) ? given.map(iamStatementFault) : [];
  const wrong = faults.findIndex((fault) => fault !== null);
  reader.reject(
    key,
    wrong === -1
      ? `${key} is not a list of IAM statements.`
      : `${key}[${wrong}]${faults[wrong]}; IAM would refuse it.`,
    'Write a list such as [{ Action: "s3:GetObject", Resource: "arn:aws:s3:::bucket/*" }].',
  );
  return null;
}

function readLimits(reader: SettingReader): Partial<QueueSettings["limits"]> {
  const limits = reader.raw("limits");
  if (limits === undefined) return {};
  if (limits === null || typeof limits !== "object" || Array.isArray(limits)) {
    reader.reject(
      "limits",
      "config.limits is not an object.",
      'Write, say, limits: { payload: "64KB", hops: 20 }.',
    );
    return {};
  }
  const hops = reader.wholeNumber("limits.hops", 1, 1_000_000);
  return {
    payloadBytes: reader.size("limits.payload", 1, SQS_MAX_MESSAGE_BYTES),
    pending: reader.wholeNumber("limits.pending", 1, MAX_PENDING),
    pushes: reader.wholeNumber("limits.pushes", 0, 1_000_000),
    ...(hops === null ? {} : { hops }),
  };
}

function checkBatch(reader: SettingReader, settings: QueueSettings, fifo: boolean): void {
  const { batchSize, timeoutSeconds, batchWindowSeconds } = settings;
  if (!fifo) {
    if (batchSize > LAMBDA_MAX_SQS_BATCH_SIZE_WITHOUT_WINDOW && batchWindowSeconds < 1) {
      reader.reject(
        "batchSize",
        `config.batchSize is ${batchSize}; above ${LAMBDA_MAX_SQS_BATCH_SIZE_WITHOUT_WINDOW}, Lambda requires a batch window.`,
        `Add batchWindow: "1s" or more, or set batchSize to ${LAMBDA_MAX_SQS_BATCH_SIZE_WITHOUT_WINDOW} or less.`,
      );
    }
    return;
  }
  if (batchWindowSeconds > 0) {
    reader.reject("batchWindow", "FIFO queues have no batch window.", "Remove config.batchWindow.");
  }
  if (batchSize > LAMBDA_MAX_FIFO_BATCH_SIZE) {
    reader.reject(
      "batchSize",
      `config.batchSize is ${batchSize}; a FIFO queue delivers at most ${LAMBDA_MAX_FIFO_BATCH_SIZE} jobs at once.`,
      `Set it to ${LAMBDA_MAX_FIFO_BATCH_SIZE} or less.`,
    );
  } else if (batchSize > 1 && batchSize * timeoutSeconds + REPORTING_SECONDS > LAMBDA_MAX_TIMEOUT_SECONDS) {
    const largest = Math.max(1, Math.floor(MAX_JOB_TIMEOUT_SECONDS / timeoutSeconds));
    reader.reject(
      "batchSize",
      `A delivery of ${batchSize} jobs of one group, run one after another for up to ${timeoutSeconds} s each, may take longer than Lambda's ${LAMBDA_MAX_TIMEOUT_SECONDS} s.`,
      `Set config.batchSize to ${largest} or less, or config.timeout to ${Math.floor(MAX_JOB_TIMEOUT_SECONDS / batchSize)} s or less (batchSize × timeout + ${REPORTING_SECONDS} ≤ ${LAMBDA_MAX_TIMEOUT_SECONDS}).`,
    );
  }
}

const withoutJitter = () => 0.5;

function checkBackoff(reader: SettingReader, settings: QueueSettings): void {
  let total = 0;
  for (let attempt = 1; attempt <= settings.retries; attempt++)
    total += retryDelaySeconds(settings, attempt, withoutJitter);
  if (total <= settings.retentionSeconds) return;
  const key = reader.raw("backoffDelay") !== undefined ? "backoffDelay" : "retries";
  reader.reject(
    key,
    `${settings.retries} retries with ${settings.backoff} backoff from ${settings.backoffDelaySeconds} s wait ${total} s in all, longer than the queue keeps a job (${settings.retentionSeconds} s): jobs would vanish before their last attempt.`,
    "Lower config.retries or config.backoffDelay, use another config.backoff, or raise config.retention (at most 14 days).",
  );
}
