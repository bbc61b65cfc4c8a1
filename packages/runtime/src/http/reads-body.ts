/**
 * Marks a handler that reads the body itself, with `HttpContext.loadBody`, since it has its own rules for content
 * types: `queue.http`.
 */
export const READS_BODY = "queue-run.reads-body";
