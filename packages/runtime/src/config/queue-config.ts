import type { Duration } from "../values/duration.js";
import type { Size } from "../values/size.js";

/** How the delay between attempts grows: base·2ⁿ⁻¹, base·n, or none. */
export type Backoff = "exponential" | "linear" | "none";

/** An IAM statement that is added to a handler's role. */
export type IamStatement = {
  /** For readers of the file: the role's policy goes without. */
  Sid?: string;
  Effect?: "Allow" | "Deny";
  Action: string | string[];
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
};

/** `export const config` of a file in queues/. Every member is read without running the file. */
export type QueueConfig = {
  /** For one attempt, 1 to 890 seconds. Default 300. */
  timeout?: Duration;
  /** Attempts after the first, 0 to 90. Default 4. */
  retries?: number;
  /** Default "exponential". */
  backoff?: Backoff;
  /** The base of the backoff. Rounded up to seconds. Default 1. */
  backoffDelay?: Duration;
  /** Most jobs at once, over all instances, 2 to 1000. */
  concurrency?: number;
  /** Jobs per delivery. Default 10; FIFO queues 1. */
  batchSize?: number;
  /** How long a delivery may wait to fill, 0 to 300 seconds; not for FIFO. Default 0. */
  batchWindow?: Duration;
  /** The function's memory: MB, or "1GB". Default: the project's. */
  memory?: number | Size;
  /** Keep a record of each job. Default false. */
  track?: boolean;
  /** How long a message is kept, 60 seconds to 14 days. Default "7d". */
  retention?: Duration;
  /** A job not started this long after it was due is dropped. */
  expires?: Duration;
  limits?: { payload?: Size; pending?: number; pushes?: number; hops?: number };
  /** IAM statements for this handler. */
  permissions?: IamStatement[];
};

/** A queue's settings with every default filled in and every unit converted: what the runtime and deploy work with. */
export type QueueSettings = {
  timeoutSeconds: number;
  retries: number;
  backoff: Backoff;
  backoffDelaySeconds: number;
  concurrency: number | null;
  batchSize: number;
  batchWindowSeconds: number;
  memoryMegabytes: number | null;
  track: boolean;
  retentionSeconds: number;
  expiresSeconds: number | null;
  limits: { payloadBytes: number | null; pending: number | null; pushes: number | null; hops: number };
  permissions: IamStatement[];
};

/**
 * The defaults of the contract.
 *
 * @param fifo - FIFO queues deliver one job at a time unless told otherwise
 * @returns a fresh object; callers may change it
 */
export function defaultQueueSettings(fifo: boolean): QueueSettings {
  return {
    timeoutSeconds: 300,
    retries: 4,
    backoff: "exponential",
    backoffDelaySeconds: 1,
    concurrency: null,
    batchSize: fifo ? 1 : 10,
    batchWindowSeconds: 0,
    memoryMegabytes: null,
    track: false,
    retentionSeconds: 7 * 86_400,
    expiresSeconds: null,
    limits: { payloadBytes: null, pending: null, pushes: null, hops: 100 },
    permissions: [],
  };
}
