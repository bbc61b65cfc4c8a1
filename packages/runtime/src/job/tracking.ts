import type { Conclusion, Retry } from "./conclude.js";
import type { Step } from "./plan-lanes.js";
import type { BatchRecord } from "./run-batch.js";
import type { RunningBatch } from "./run-lanes.js";
import type { Verdict } from "./verdict.js";

/** What becomes of the jobs of a step whose turn has come. */
export type Admission<R> = {
  /** Those that are to run, in their order: claimed. */
  runnable: R[];
  /** Those that go back without having run. */
  back: Retry<R>[];
  /** How many of the step were asked for: in a FIFO group those behind one that goes back wait with it. */
  asked: number;
  /** When their call has to end, milliseconds since 1970: before anybody else may claim them. */
  endByMs: number;
};

/**
 * What the records of a tracked queue's jobs have to say in running a delivery. Nothing here rejects. Queues that keep no
 * records have none of it, and load none of its code.
 */
export interface Tracking<R extends BatchRecord> {
  /**
   * Claims jobs whose turn has come. A job that is over by its record is done without being run; one that another
   * delivery runs goes back until that may be over; so does every job while the table cannot be reached.
   *
   * @param untilMs - until when a job that starts now may run
   */
  admit(running: RunningBatch<R>, step: Step<R>, untilMs: number): Promise<Admission<R>>;
  /** The job is done while its call goes on: recorded, and then deleted, unless its group is still held by its handler. */
  acked(running: RunningBatch<R>, record: R): void;
  /** As `conclude` does, the record being written first. */
  conclude(running: RunningBatch<R>, record: R, verdict: Verdict, durationMs: number): Promise<Conclusion<R>>;
}
