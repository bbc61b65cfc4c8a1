/** What the bundler's virtual module makes each file's own `queue-run` from. */
export type { QueueBinding, Queues } from "./queue/queues.js";
export { bindQueues } from "./queue/queues.js";
