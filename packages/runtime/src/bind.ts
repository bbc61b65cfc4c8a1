/** What the bundler's virtual module makes each file's own `queue-run` from. */
export type { Url } from "./http/url.js";
export { bindUrl } from "./http/url.js";
export type { QueueBinding, Queues } from "./queue/queues.js";
export { bindQueues } from "./queue/queues.js";
