/**
 * What may go wrong with a delivery, as on AWS: `true` for now and then, a number for how often (0 to 1), `false` for
 * never. What is left out is `false` where another is named, and `true` where none is.
 */
export type ChaosOptions = {
  /** What makes the same decisions again. Default: one that is printed when a test fails. */
  seed?: number;
  /** A job that is done is delivered a second time: SQS may do that. */
  deliverTwice?: boolean | number;
  /** Jobs of standard queues come in any order; those of a FIFO group never do. */
  reorder?: boolean;
  /** The job's time is up while its handler runs, which may go on for a while. */
  timeOut?: boolean | number;
  /** The handler ends, and then its process, before anybody hears of it. */
  crashAfterSideEffect?: boolean | number;
};

/** Something that went wrong on purpose. */
export type InjectedFault = {
  kind: "delivered-twice" | "timed-out" | "crashed";
  queueName: string;
  jobId: string;
};
