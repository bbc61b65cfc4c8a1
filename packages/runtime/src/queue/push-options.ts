import type { QueueLink } from "../config/instance.js";
import type { Backoff } from "../config/queue-config.js";
import {
  dedupeNeedsFifo,
  groupRequired,
  invalidDedupe,
  invalidGroup,
  invalidPushOption,
  invalidTag,
  jobNotFound,
} from "../errors/push-errors.js";
import { notTracked } from "../errors/record-errors.js";
import { SQS_MAX_GROUP_ID_LENGTH } from "../limits/index.js";
import { nearestName } from "../names/nearest-name.js";
import { type Duration, durationInSeconds } from "../values/duration.js";
import { type Due, resolveDue } from "./delay.js";

/** How one push differs from the queue's own settings. A member that is undefined is unset. */
export type PushOptions = {
  /** FIFO: whose jobs run one after another. Standard: the tenant, for SQS fair queues. */
  group?: string | number;
  /** FIFO: pushes of a group with the same id within five minutes are one job. `false` turns deduplication off. */
  dedupe?: string | number | false;
  /** How long to wait before the job runs. */
  delay?: Duration;
  /** When the job runs: a Date, or a text in ISO 8601. A time past means now. */
  at?: Date | string;
  /** At most 200 characters; for cancelling. */
  tag?: string;
  /** The export that runs it. Default: the default export. */
  job?: string;
  retries?: number;
  backoff?: Backoff;
  backoffDelay?: Duration;
};

/** Options that were checked against their queue. */
export type ResolvedPushOptions = Due & {
  group: string | null;
  /** Null: a hash of the payload. */
  dedupe: string | false | null;
  tag: string | null;
  job: string;
  retries: number | null;
  backoff: Backoff | null;
  backoffDelaySeconds: number | null;
};

const MAX_TAG_LENGTH = 200;
const MAX_RETRIES = 90;
const MAX_BACKOFF_DELAY_SECONDS = 11 * 3_600;
/** Alphanumeric characters and punctuation, no space (API Reference, SendMessage, MessageGroupId). */
const ID_CHARACTERS = /^[\x21-\x7E]*$/;

/**
 * Checks options against the queue they are for.
 *
 * @param now - milliseconds since 1970
 * @throws QueueRunError, one code for each rule
 */
export function resolvePushOptions(link: QueueLink, options: PushOptions, now: number): ResolvedPushOptions {
  return {
    ...resolveDue(link, options, now),
    group: resolveGroup(link, options.group),
    dedupe: resolveDedupe(link, options.dedupe),
    tag: resolveTag(link, options.tag),
    job: resolveJob(link, options.job),
    ...resolveRetrying(link.name, options),
  };
}

function resolveGroup({ name, fifo }: QueueLink, group: unknown): string | null {
  if (group === undefined || group === null) {
    if (fifo) throw groupRequired(name);
    return null;
  }
  const id = toId(group);
  const problem = id === null ? "is not a text" : idProblem(id);
  if (id === null || problem !== null) throw invalidGroup(name, group, problem ?? "");
  return id;
}

function resolveDedupe({ name, fifo }: QueueLink, dedupe: unknown): string | false | null {
  if (dedupe === undefined || dedupe === null) return null;
  if (!fifo) throw dedupeNeedsFifo(name);
  if (dedupe === false) return false;
  const id = toId(dedupe);
  const problem = id === null ? "is neither a text nor false" : idProblem(id);
  if (id === null || problem !== null) throw invalidDedupe(name, dedupe, problem ?? "");
  return id;
}

function toId(value: unknown): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" && Number.isFinite(value) ? String(value) : null;
}

function idProblem(id: string): string | null {
  if (id === "") return "is empty";
  if (id.length > SQS_MAX_GROUP_ID_LENGTH) return `is longer than ${SQS_MAX_GROUP_ID_LENGTH} characters`;
  return ID_CHARACTERS.test(id) ? null : "has a character that SQS does not allow";
}

function resolveTag({ name, track }: QueueLink, tag: unknown): string | null {
  if (tag === undefined || tag === null) return null;
  if (typeof tag !== "string" || tag === "" || tag.length > MAX_TAG_LENGTH)
    throw invalidTag(name, tag, MAX_TAG_LENGTH);
  if (!track) throw notTracked(name, "A tag");
  return tag;
}

function resolveJob({ name, jobs }: QueueLink, job: unknown): string {
  if (job === undefined || job === null) return "default";
  if (typeof job !== "string" || job === "")
    throw invalidPushOption(name, "job", job, "the name of an exported function");
  if (jobs && !jobs.includes(job)) throw jobNotFound(name, job, nearestName(job, jobs));
  return job;
}

function resolveRetrying(
  queueName: string,
  { retries, backoff, backoffDelay }: PushOptions,
): Pick<ResolvedPushOptions, "retries" | "backoff" | "backoffDelaySeconds"> {
  if (retries !== undefined && !(Number.isInteger(retries) && retries >= 0 && retries <= MAX_RETRIES)) {
    throw invalidPushOption(queueName, "retries", retries, `a whole number from 0 to ${MAX_RETRIES}`);
  }
  if (backoff !== undefined && backoff !== "exponential" && backoff !== "linear" && backoff !== "none") {
    throw invalidPushOption(queueName, "backoff", backoff, '"exponential", "linear" or "none"');
  }
  const seconds = backoffDelay === undefined ? null : durationInSeconds(backoffDelay);
  if (backoffDelay !== undefined && (seconds === null || seconds > MAX_BACKOFF_DELAY_SECONDS)) {
    throw invalidPushOption(
      queueName,
      "backoffDelay",
      backoffDelay,
      'a length of time up to 11 hours, such as "5s"',
    );
  }
  return {
    retries: retries ?? null,
    backoff: backoff ?? null,
    backoffDelaySeconds: seconds === null ? null : Math.ceil(seconds),
  };
}
