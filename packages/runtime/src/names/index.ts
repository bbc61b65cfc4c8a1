/** Names: what SQS allows, what queues are called there, and what was probably meant. */
export { delayedMessageName, delayedMessagePrefix } from "./delayed-messages.js";
export { nearestName } from "./nearest-name.js";
export type { PhysicalNames } from "./physical-names.js";
export { localQueueNames, physicalQueueNames, shortenedName, stagePrefix } from "./physical-names.js";
export { FIFO_SUFFIX, isFifoName, queueNameProblem } from "./queue-name.js";
