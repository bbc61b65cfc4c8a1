import { queue } from "#queues/exports.js";

/** POST /exports: 202, and in Location where the export's status is. */
export const post = queue.http;
