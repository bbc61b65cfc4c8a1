import type { Journal } from "../harness/journal.js";
import type { LocalQueues } from "../harness/local-queues.js";

/** Where the queue files of test/fixtures/contract run, and where the contract must therefore hold. */
export type Place = {
  name: string;
  /** Says why the place is not to be had on this machine; null where it is. */
  missing: () => string | null;
  start: () => Promise<RunningPlace>;
  /** Behaviours that a server we did not write gets wrong, by the suite's names: not ours to mend. */
  knownDefects?: string[];
};

export type RunningPlace = {
  sqs: LocalQueues;
  /** What the handlers noted. */
  journal: Journal;
  stop: () => Promise<void>;
};
