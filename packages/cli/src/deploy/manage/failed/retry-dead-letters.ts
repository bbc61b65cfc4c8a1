import type { DeadLetter } from "./dead-letter.js";
import { type DeadLetterQueue, remove, sendBack } from "./dead-letter-queue.js";
import { redriveRecords } from "./redrive-records.js";
import { walkDeadLetters } from "./walk-dead-letters.js";

/** Which dead letters: all of a queue, or those of some jobs. */
export type Selection = "all" | ReadonlySet<string>;

export type RetryReport = {
  /** Ids of the jobs that wait in their queue again. */
  retried: string[];
  /** Jobs that are still dead letters, and why. */
  refused: { jobId: string; reason: string }[];
  /** Jobs that were sent again and whose dead letter could not be deleted: retrying would run them twice. */
  leftBehind: { jobId: string; reason: string }[];
};

const EARLIER_IN_GROUP = "an earlier dead letter of its group is still there";

/**
 * Sends dead letters to their queue again, under the same job ids and with no attempts made, then deletes them: first
 * the one, then the other, so that none is lost whatever happens between.
 *
 * FIFO: the letters of a group go one after another, in their order; when one cannot be sent or deleted, its group
 * waits.
 *
 * @param change - what a letter becomes before it is sent
 */
export async function retryDeadLetters(
  queue: DeadLetterQueue,
  selection: Selection,
  change: (letter: DeadLetter) => DeadLetter = (letter) => letter,
): Promise<RetryReport> {
  const report: RetryReport = { retried: [], refused: [], leftBehind: [] };
  const blockedGroups = new Set<string>();
  const block = ({ groupId }: DeadLetter) => queue.fifo && blockedGroups.add(groupId ?? "");
  const isBlocked = ({ groupId }: DeadLetter) => blockedGroups.has(groupId ?? "");
  // A job that fails again while this goes on comes back as a new dead letter: it is retried once, not for ever.
  const wanted = ({ jobId }: DeadLetter) =>
    (selection === "all" || selection.has(jobId)) && !report.retried.includes(jobId);

  await walkDeadLetters(queue, async (letters) => {
    const removed: DeadLetter[] = [];
    for (const round of toRounds(letters, queue.fifo)) {
      const sending: DeadLetter[] = [];
      for (const letter of round) {
        if (!wanted(letter)) block(letter);
        else if (isBlocked(letter)) report.refused.push({ jobId: letter.jobId, reason: EARLIER_IN_GROUP });
        else sending.push(letter);
      }
      removed.push(...(await retryRound(sending)));
    }
    const done = selection !== "all" && report.retried.length + report.refused.length >= selection.size;
    return { removed, done };
  });
  return report;

  /** @returns those that are no longer dead letters */
  async function retryRound(letters: DeadLetter[]): Promise<DeadLetter[]> {
    if (letters.length === 0) return [];
    const sent: DeadLetter[] = [];
    for (const [at, reason] of (await sendBack(queue, letters.map(change))).entries()) {
      const letter = letters[at];
      if (!letter) continue;
      if (reason === null) sent.push(letter);
      else {
        block(letter);
        report.refused.push({ jobId: letter.jobId, reason });
      }
    }
    if (queue.records) await redriveRecords(await queue.records(), queue.name, sent);
    const removed: DeadLetter[] = [];
    for (const [at, reason] of (await remove(queue, sent)).entries()) {
      const letter = sent[at];
      if (!letter) continue;
      report.retried.push(letter.jobId);
      if (reason === null) removed.push(letter);
      else {
        // Sent again later it would come after those of its group that had gone meanwhile.
        block(letter);
        report.leftBehind.push({ jobId: letter.jobId, reason });
      }
    }
    return removed;
  }
}

/** Letters that may be sent in one request, round after round: of a FIFO queue's groups, one each. */
function toRounds(letters: readonly DeadLetter[], fifo: boolean): DeadLetter[][] {
  if (!fifo) return [[...letters]];
  const rounds: DeadLetter[][] = [];
  const members = new Map<string, number>();
  for (const letter of letters) {
    const turn = members.get(letter.groupId ?? "") ?? 0;
    members.set(letter.groupId ?? "", turn + 1);
    const round = rounds[turn];
    if (round) round.push(letter);
    else rounds.push([letter]);
  }
  return rounds;
}
