import { queue } from "#queues/update-counts.fifo.js";

/**
 * POST /visits/BOOKMARK/VISIT: counts a visit. The bookmark's id is the message group, so that a bookmark's visits are
 * counted one at a time and in order; the visit's id is the deduplication id, so that the same visit sent twice within
 * five minutes is counted once.
 */
export const post = queue.http;
