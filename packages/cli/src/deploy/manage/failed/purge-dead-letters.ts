import { PurgeQueueCommand } from "@aws-sdk/client-sqs";
import type { DeadLetter } from "./dead-letter.js";
import { type DeadLetterQueue, remove } from "./dead-letter-queue.js";
import type { Selection } from "./retry-dead-letters.js";
import { walkDeadLetters } from "./walk-dead-letters.js";

export type PurgeReport = {
  /** Ids of the jobs that were removed; null where the whole queue was purged, which AWS does within a minute. */
  purged: string[] | null;
  refused: { jobId: string; reason: string }[];
};

/** Removes dead letters for good: their jobs will never run. */
export async function purgeDeadLetters(queue: DeadLetterQueue, selection: Selection): Promise<PurgeReport> {
  if (selection === "all") {
    await queue.sqs.send(new PurgeQueueCommand({ QueueUrl: queue.deadLetterUrl }));
    return { purged: null, refused: [] };
  }
  const purged: string[] = [];
  const refused: PurgeReport["refused"] = [];
  await walkDeadLetters(queue, async (letters) => {
    const chosen = letters.filter(({ jobId }) => selection.has(jobId));
    const removed: DeadLetter[] = [];
    for (const [at, reason] of (await remove(queue, chosen)).entries()) {
      const letter = chosen[at];
      if (!letter) continue;
      if (reason === null) removed.push(letter);
      else refused.push({ jobId: letter.jobId, reason });
    }
    purged.push(...removed.map(({ jobId }) => jobId));
    return { removed, done: purged.length + refused.length >= selection.size };
  });
  return { purged, refused };
}
