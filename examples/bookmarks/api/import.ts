import { queue } from "#queues/import.js";

/** POST /import: a JSON object or an HTML form with `url`, or plain text with a URL on each line. Answers 202. */
export const post = queue.http;
