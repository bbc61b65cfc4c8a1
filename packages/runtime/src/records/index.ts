/** Records of jobs: for tools that look after what handlers and pushes have written. */
export { connectRecords } from "./connect-records.js";
export type { RecordBook, RecordedJob, StoredRecord } from "./record-store.js";
