/**
 * What is loaded by functions of tracked queues, and by whoever asks for a job's record. It is one module for all of it,
 * as `aws/on-first-call.ts` is.
 */
export { trackJobs } from "../job/track-jobs.js";
export { connectRecords } from "./connect-records.js";
export { instanceRecorder } from "./instance-recorder.js";
