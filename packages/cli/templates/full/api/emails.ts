import { queue } from "#queues/emails.js";

/** Takes JSON, a form or text, pushes it as a job, and answers 202 with the job's id. */
export const post = queue.http;
