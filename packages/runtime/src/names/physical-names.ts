import { SQS_MAX_QUEUE_NAME_LENGTH } from "../limits/index.js";
import { FIFO_SUFFIX, isFifoName } from "./queue-name.js";

/** How many hexadecimal digits of its SHA-256 stand for the part of a name that had to go. */
const HASH_LENGTH = 8;

/** SQS's names of a project's queue: `PROJECT-STAGE-NAME[.fifo]`, and with `-dlq` of its dead-letter queue. */
export type PhysicalNames = { queue: string; deadLetterQueue: string };

/**
 * @param project - the project's name; characters that SQS refuses (a scope's `@` and `/`) become `-`
 * @param name - the queue's own, with `.fifo` where it is FIFO
 * @returns names of at most 80 characters; longer ones are cut and end in a hash of the whole, so that they stay apart
 */
export function physicalQueueNames({
  project,
  stage,
  name,
}: {
  project: string;
  stage: string;
  name: string;
}): PhysicalNames {
  const suffix = isFifoName(name) ? FIFO_SUFFIX : "";
  const stem = name.slice(0, name.length - suffix.length);
  const whole = `${stagePrefix({ project, stage })}-${stem}`;
  return { queue: shorten(whole, suffix), deadLetterQueue: shorten(whole, `-dlq${suffix}`) };
}

/** In development a queue has its file's name: `NAME[.fifo]`, and `NAME-dlq[.fifo]` for its dead letters. */
export function localQueueNames(name: string): PhysicalNames {
  const suffix = isFifoName(name) ? FIFO_SUFFIX : "";
  const stem = name.slice(0, name.length - suffix.length);
  return { queue: name, deadLetterQueue: shorten(stem, `-dlq${suffix}`) };
}

/**
 * What every name of a stage's resources begins with.
 *
 * @returns `PROJECT-STAGE`, with `-` for characters that AWS's names do not have
 */
export function stagePrefix({ project, stage }: { project: string; stage: string }): string {
  return `${toNamePart(project)}-${toNamePart(stage)}`;
}

/**
 * @param maxLength - AWS's limit
 * @returns the name; one that is too long is cut and ends in a hash of the whole, so that names stay apart
 */
export function shortenedName(whole: string, maxLength: number): string {
  return shorten(whole, "", maxLength);
}

function toNamePart(text: string): string {
  return text.replace(/[^A-Za-z0-9_-]+/g, "-").replace(/^-+/, "");
}

function shorten(whole: string, suffix: string, maxLength = SQS_MAX_QUEUE_NAME_LENGTH): string {
  if (whole.length + suffix.length <= maxLength) return whole + suffix;
  const hash = process
    .getBuiltinModule("node:crypto")
    .createHash("sha256")
    .update(whole + suffix)
    .digest("hex")
    .slice(0, HASH_LENGTH);
  const room = maxLength - suffix.length - HASH_LENGTH - 1;
  return `${whole.slice(0, room)}-${hash}${suffix}`;
}
