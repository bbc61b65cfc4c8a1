import { type Command, InvalidArgumentError } from "commander";
import { inParallel } from "../deploy/in-parallel.js";
import type { DeadLetter } from "../deploy/manage/failed/dead-letter.js";
import type { DeadLetterQueue } from "../deploy/manage/failed/dead-letter-queue.js";
import type { RetryReport, Selection } from "../deploy/manage/failed/retry-dead-letters.js";
import { declinedError } from "../errors/confirm-errors.js";
import { notEditableError } from "../errors/editor-errors.js";
import { deadLetterNotFoundError, nothingChosenError, someNotRetriedError } from "../errors/failed-errors.js";
import { unknownQueueError } from "../errors/unknown-name-errors.js";
import { confirm } from "../terminal/confirm.js";
import { useColors } from "../terminal/use-colors.js";
import type { CommandIo, GlobalOptions } from "./command.js";
import { payloadArgument } from "./payload-argument.js";

/** Where dead letters are looked for: a deployed stage, or a running dev server. */
export type FailedSource<Flags> = {
  /** Adds the options that say which. */
  addOptions: (command: Command) => void;
  /** @returns every queue's name, and those of the queues named that are there */
  open: (
    flags: Flags,
    io: CommandIo,
  ) => Promise<{ names: readonly string[]; find: (names: readonly string[]) => Promise<DeadLetterQueue[]> }>;
};

type FailedFlags = GlobalOptions & {
  queue?: string;
  json?: boolean;
  limit: number;
  all?: boolean;
  yes?: boolean;
};

const DEFAULT_LIMIT = 100;
/** A queue is asked until it says that it has no more, which takes SQS seconds. */
const QUEUES_AT_ONCE = 10;

/** Adds `ls`, `show`, `retry`, `edit`, `purge`: what may be done with jobs that have failed for good. */
export function configureFailedCommands<Flags>(
  parent: Command,
  io: CommandIo,
  source: FailedSource<Flags & FailedFlags>,
): void {
  const add = (usage: string, description: string) => {
    const command = parent.command(usage).description(description);
    source.addOptions(command);
    return command
      .option("--queue <name>", "one queue's dead letters (default: every queue's)")
      .option("--json", "print JSON");
  };
  const open = async (command: Command) => {
    const flags = command.optsWithGlobals<Flags & FailedFlags>();
    const { names, find } = await source.open(flags, io);
    if (flags.queue !== undefined && !names.includes(flags.queue))
      throw unknownQueueError(flags.queue, names);
    return { flags, queues: await find(flags.queue === undefined ? names : [flags.queue]) };
  };
  const print = (flags: FailedFlags, json: unknown, text: string) =>
    io.stdout.write(`${flags.json ? JSON.stringify(json, null, 2) : text}\n`);

  const ls = add("ls", "list jobs that have failed for good").option(
    "--limit <number>",
    "most of each queue",
    toLimit,
    DEFAULT_LIMIT,
  );
  ls.action(async () => {
    const { flags, queues } = await open(ls);
    const { listDeadLetters } = await import("../deploy/manage/failed/list-dead-letters.js");
    const { letterJson, listText } = await import("../deploy/manage/failed/print-dead-letters.js");
    const found = await inParallel(queues, QUEUES_AT_ONCE, async (queue) => ({
      queueName: queue.name,
      letters: await listDeadLetters(queue, flags.limit),
    }));
    const json = found.flatMap(({ queueName, letters }) =>
      letters.map((letter) => letterJson(queueName, letter)),
    );
    print(flags, json, json.length > 0 ? listText(found) : "No dead letters.");
    if (json.length === 0) await tellHeld(queues);
    const full = found.filter(({ letters }) => letters.length >= flags.limit);
    if (full.length > 0 && !flags.json)
      io.stderr.write(
        `There may be more of ${full.map(({ queueName }) => queueName).join(", ")}: --limit shows them.\n`,
      );
  });

  const show = add("show <job-id>", "why a job failed, with its stack and its payload");
  show.action(async (jobId: string) => {
    const { flags, queues } = await open(show);
    const { queue, letter } = await findOne(queues, jobId);
    const { letterJson, letterText } = await import("../deploy/manage/failed/print-dead-letters.js");
    const { createColors } = (await import("picocolors")).default;
    const text = letterText(queue.name, letter, flags.cwd, createColors(useColors(io)));
    print(flags, letterJson(queue.name, letter), text);
  });

  const retry = add(
    "retry [job-ids...]",
    "run jobs again, under the same ids, with all their attempts",
  ).option("--all", "every dead letter");
  retry.action(async (jobIds: string[]) => {
    const { flags, queues } = await open(retry);
    const { retryDeadLetters } = await import("../deploy/manage/failed/retry-dead-letters.js");
    const report: RetryReport = { retried: [], refused: [], leftBehind: [] };
    const selection = chosen(jobIds, flags, "retry");
    for (const queue of queues) {
      const { retried, refused, leftBehind } = await retryDeadLetters(queue, selection);
      report.retried.push(...retried);
      report.refused.push(...refused);
      report.leftBehind.push(...leftBehind);
    }
    print(flags, report, `Retried ${count(report.retried.length)}.`);
    finish(report);
    refuseMissing(jobIds, report.retried, queues);
  });

  const edit = add(
    "edit <job-id> [payload]",
    "run a job again with another payload: JSON or text, @file, or -",
  );
  edit.action(async (jobId: string, given: string | undefined) => {
    const { flags, queues } = await open(edit);
    const { queue, letter } = await findOne(queues, jobId);
    const { withPayload } = await import("../deploy/manage/failed/edit-dead-letter.js");
    const { retryDeadLetters } = await import("../deploy/manage/failed/retry-dead-letters.js");
    const payload =
      given === undefined ? await editedPayload(letter, io) : await payloadArgument(given, flags.cwd);
    // Checked before anything is touched.
    const edited = withPayload(letter, payload, queue.name);
    const report = await retryDeadLetters(queue, new Set([jobId]), (found) => ({
      ...found,
      body: edited.body,
      envelope: edited.envelope,
    }));
    print(flags, report, `Retried ${count(report.retried.length)} with the new payload.`);
    finish(report);
    refuseMissing([jobId], report.retried, queues);
  });

  const purge = add("purge [job-ids...]", "remove dead letters for good: their jobs will never run")
    .option("--all", "every dead letter")
    .option("--yes", "do not ask");
  purge.action(async (jobIds: string[]) => {
    const { flags, queues } = await open(purge);
    const { purgeDeadLetters } = await import("../deploy/manage/failed/purge-dead-letters.js");
    const selection = chosen(jobIds, flags, "purge");
    const names = queues.map(({ name }) => name).join(", ");
    const what = selection === "all" ? `every dead letter of ${names || "no queue"}` : count(jobIds.length);
    const asked = { isTerminal: io.isTerminal && !flags.json };
    await confirm(asked, { what: `Purging ${what}`, question: `Purge ${what}?`, yes: flags.yes ?? false });
    const purged: string[] = [];
    const refused: RetryReport["refused"] = [];
    for (const queue of queues) {
      const report = await purgeDeadLetters(queue, selection);
      purged.push(...(report.purged ?? []));
      refused.push(...report.refused);
    }
    print(
      flags,
      { purged: selection === "all" ? "all" : purged, refused },
      `Purged ${selection === "all" ? what : count(purged.length)}.`,
    );
    finish({ refused, leftBehind: [] });
    if (selection !== "all") refuseMissing(jobIds, purged, queues);
  });

  /** Where nothing is to be seen: what a command that was killed had in its hands is not gone. */
  async function tellHeld(queues: readonly DeadLetterQueue[]): Promise<void> {
    const { countHeld, HOLD_SECONDS } = await import("../deploy/manage/failed/dead-letter-queue.js");
    const counts = await inParallel(queues, QUEUES_AT_ONCE, countHeld);
    for (const [at, held] of counts.entries())
      if (held > 0)
        io.stderr.write(
          `${held} dead ${held === 1 ? "letter" : "letters"} of ${queues[at]?.name} ${held === 1 ? "is" : "are"} held by another command, or by one that was killed: look again in ${HOLD_SECONDS / 60} minutes.\n`,
        );
  }

  async function editedPayload(letter: DeadLetter, { isTerminal, env }: CommandIo) {
    const { payloadOf } = await import("../deploy/manage/failed/dead-letter.js");
    const { inEditor } = await import("../terminal/in-editor.js");
    const payload = payloadOf(letter);
    if (payload instanceof Uint8Array) throw notEditableError(letter.jobId, "its payload is bytes");
    const before = typeof payload === "string" ? payload : JSON.stringify(payload, null, 2);
    const after = await inEditor(before, { isTerminal, env });
    if (after.trim() === before.trim()) throw declinedError();
    if (typeof payload !== "string") return parseEdited(after, letter.jobId);
    // Editors end a file with a line's end.
    return before.endsWith("\n") ? after : after.replace(/\r?\n$/, "");
  }
}

/** What was JSON stays JSON: text with a mistake in it would reach the handler as a string. */
function parseEdited(text: string, jobId: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw notEditableError(
      jobId,
      `what was saved is no JSON (${error instanceof Error ? error.message : error})`,
    );
  }
}

async function findOne(queues: readonly DeadLetterQueue[], jobId: string) {
  const { findDeadLetters } = await import("../deploy/manage/failed/list-dead-letters.js");
  const found = await inParallel(queues, QUEUES_AT_ONCE, async (queue) => {
    const [letter] = await findDeadLetters(queue, new Set([jobId]));
    return letter ? { queue, letter } : null;
  });
  const first = found.find((each) => each !== null);
  if (first) return first;
  throw deadLetterNotFoundError(
    [jobId],
    queues.map(({ name }) => name),
  );
}

function chosen(jobIds: readonly string[], { all }: FailedFlags, verb: "retry" | "purge"): Selection {
  if (jobIds.length > 0) return new Set(jobIds);
  if (!all) throw nothingChosenError(verb);
  return "all";
}

function refuseMissing(
  jobIds: readonly string[],
  done: readonly string[],
  queues: readonly DeadLetterQueue[],
): void {
  const missing = jobIds.filter((jobId) => !done.includes(jobId));
  if (missing.length > 0)
    throw deadLetterNotFoundError(
      missing,
      queues.map(({ name }) => name),
    );
}

function finish({ refused, leftBehind }: Pick<RetryReport, "refused" | "leftBehind">): void {
  const failures = [
    ...refused,
    ...leftBehind.map(({ jobId, reason }) => ({
      jobId,
      reason: `it was sent again, but its dead letter could not be deleted (${reason}): purge it`,
    })),
  ];
  if (failures.length > 0) throw someNotRetriedError(failures);
}

function count(jobs: number): string {
  return jobs === 1 ? "1 job" : `${jobs} jobs`;
}

function toLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1)
    throw new InvalidArgumentError("It is a number of jobs, at least 1.");
  return limit;
}
