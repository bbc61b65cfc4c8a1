import type { DeadLetter } from "./dead-letter.js";
import type { DeadLetterQueue } from "./dead-letter-queue.js";
import { walkDeadLetters } from "./walk-dead-letters.js";

/** @returns up to `limit` dead letters, the earliest first; they stay where they are */
export async function listDeadLetters(queue: DeadLetterQueue, limit: number): Promise<DeadLetter[]> {
  const found: DeadLetter[] = [];
  await walkDeadLetters(queue, (letters) => {
    found.push(...letters);
    return { removed: [], done: found.length >= limit };
  });
  return found.sort((a, b) => a.sentAt - b.sentAt).slice(0, limit);
}

/** @returns the dead letters with these job ids, as far as they can be seen */
export async function findDeadLetters(
  queue: DeadLetterQueue,
  jobIds: ReadonlySet<string>,
): Promise<DeadLetter[]> {
  const found: DeadLetter[] = [];
  await walkDeadLetters(queue, (letters) => {
    found.push(...letters.filter(({ jobId }) => jobIds.has(jobId)));
    return { removed: [], done: found.length >= jobIds.size };
  });
  return found;
}
