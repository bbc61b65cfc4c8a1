import { queues } from "queue-run";

type Greeting = { name: string };

export const queue = queues.self<Greeting>();

/** Two more attempts when the first fails, after 1 and 2 seconds. */
export const config = { timeout: "30s", retries: 2 } as const;

/** Returning means done; throwing means try again. */
export default queue.handler(async ({ name }, { jobId, attempt }) => {
  console.log(`Hello, ${name}! (job ${jobId}, attempt ${attempt})`);
});
