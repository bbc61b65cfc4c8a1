/**
 * What is loaded by functions of tracked queues, and by whoever asks for a job's record. It is one module for all of it,
 * as `aws/on-first-call.ts` is.
 */
export { answerStatus } from "../http/status-http.js";
export { statusPath } from "../http/status-route.js";
export { trackJobs } from "../job/track-jobs.js";
export { awaitResult } from "./await-result.js";
export { cancelEverywhere, cancelInQueue } from "./cancel-in-queue.js";
export { connectRecords } from "./connect-records.js";
export { instanceRecorder } from "./instance-recorder.js";
export { readStatus } from "./job-status.js";
