import { unknownQueueError } from "../../../errors/unknown-name-errors.js";

/** Jobs a month: of one queue, or of all together. `--jobs emails=1000000`, `--jobs 1000000`. */
export type JobsFigure = { queue: string | null; jobs: number };

/** What is reckoned with when nobody says. */
const DEFAULT_JOBS = 100_000;

/**
 * Jobs a month by queue: queues that are named have their own figure, the others share the common one evenly.
 *
 * @throws QR_QUEUE_NOT_FOUND for a name that no queue has
 */
export function expectedJobs(
  queues: readonly string[],
  figures: readonly JobsFigure[],
): Record<string, number> {
  const named = new Map<string, number>();
  let shared: number | null = null;
  for (const { queue, jobs } of figures) {
    if (queue === null) shared = jobs;
    else if (queues.includes(queue)) named.set(queue, jobs);
    else throw unknownQueueError(queue, queues);
  }
  shared ??= named.size > 0 ? 0 : DEFAULT_JOBS;
  const share = shared / (queues.length - named.size);
  return Object.fromEntries(queues.map((queue) => [queue, named.get(queue) ?? share]));
}
