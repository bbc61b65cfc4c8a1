import { QueueRunError } from "@queue-run/runtime/errors";
import type { Command } from "commander";

/** The options of a push, as flags. */
export type PushFlags = {
  group?: string;
  dedupe?: string | boolean;
  delay?: string;
  tag?: string;
  job?: string;
};

/** The options of a push, as `queue.push` takes them. */
export type PushFlagOptions = {
  group?: string;
  dedupe?: string | false;
  delay?: string | number;
  tag?: string;
  job?: string;
};

export function addPushFlags(command: Command): Command {
  return command
    .option("--group <id>", "whose jobs run one after another (FIFO), or the tenant")
    .option("--dedupe <id>", "pushes with the same id within five minutes are one job (FIFO)")
    .option("--no-dedupe", "push even what was pushed before (FIFO)")
    .option("--delay <duration>", "how long to wait before it runs: 30, 5m, 1h")
    .option("--tag <tag>", "a tag for cancelling")
    .option("--job <name>", "the exported function that runs it");
}

export function toPushOptions({ group, dedupe, delay, tag, job }: PushFlags): PushFlagOptions {
  return {
    group,
    // Commander gives `--no-dedupe` a default of true.
    dedupe: dedupe === true ? undefined : dedupe,
    delay: delay !== undefined && /^\d+(\.\d+)?$/.test(delay) ? Number(delay) : delay,
    tag,
    job,
  };
}

/**
 * @param code - of the runtime's error
 * @returns how to mend it on a command line; undefined where the runtime's own advice fits
 */
export function pushFlagAdvice(code: string): string | undefined {
  return ADVICE[code];
}

/** The runtime's error, with the way to mend it that fits a command line. Anything else is returned as it is. */
export function asPushFlagError(error: unknown): unknown {
  if (!(error instanceof QueueRunError)) return error;
  const { code, message, fix, cause, details } = error;
  return new QueueRunError({ code, message, fix: pushFlagAdvice(code) ?? fix, cause, details });
}

const ADVICE: Partial<Record<string, string>> = {
  QR_GROUP_REQUIRED: "Say whose job it is with --group ID.",
  QR_DEDUPE_NOT_FIFO: "Leave --dedupe out: deduplication is for FIFO queues.",
};
