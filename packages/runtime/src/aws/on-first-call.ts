/**
 * What is loaded when an instance first calls AWS. It is one module for all of it, since a bundler makes a file of its own
 * for whatever two lazily loaded modules share, and every file that a handler's bundle is read from costs a cold start
 * half a millisecond.
 */
export { createQueueHttp } from "../http/queue-http.js";
export { createSqsJobQueue } from "../job/sqs-job-queue.js";
export { deliverMany, deliverOne } from "../queue/deliver.js";
export { leaseInTable } from "../schedule/lease-in-table.js";
export { connectSqs } from "./connect-sqs.js";
export { connectTable } from "./table-client.js";
