import { queues } from "queue-run";
import { subjectOf } from "#lib/subject.js";

type Email = { to: string; text: string };

export const queue = queues.self<Email>();

/** Three more attempts when the first fails: after 1, 2 and 4 seconds. Then the job goes to emails-dlq. */
export const config = { retries: 3 };

export default queue.handler(async ({ to, text }, { attempt, maxAttempts }) => {
  if (!to.includes("@")) throw new Error(`${to} is no address`);
  console.log("Sent “%s” to %s (attempt %d of %d)", subjectOf(text), to, attempt, maxAttempts);
});
