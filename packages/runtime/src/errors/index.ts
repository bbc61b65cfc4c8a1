export type { QueueRunErrorDetails } from "./queue-run-error.js";
export { QueueRunError } from "./queue-run-error.js";
