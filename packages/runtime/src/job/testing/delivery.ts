import { vi } from "vitest";
import { type Batch, type BatchObserver, type BatchRecord, runBatch } from "../run-batch.js";
import { DONE, type Verdict } from "../verdict.js";
import { createFakeClock } from "./fake-clock.js";
import { createFakeJobQueue } from "./fake-job-queue.js";

/** What a test says of a job; the rest is a first attempt of five on a standard queue. */
export type Sketch = Partial<BatchRecord> & { id: string };

/** The verdict of a job that is to come back. */
export const retry = (error: unknown = new Error("no"), delaySeconds: number | null = null): Verdict => ({
  kind: "retry",
  error,
  delaySeconds,
});
/** The verdict of a job that cannot succeed. */
export const fail = (error: unknown = new Error("never")): Verdict => ({ kind: "fail", error });

function record({ id, ...rest }: Sketch): BatchRecord {
  const receivedCount = rest.receivedCount ?? 1;
  return {
    messageId: id,
    receiptHandle: `receipt-${id}`,
    groupId: null,
    together: false,
    attempt: receivedCount,
    receivedCount,
    maxAttempts: 5,
    dueAtMs: null,
    expiresAtMs: null,
    backoff: { backoff: "linear", backoffDelaySeconds: 10 },
    ...rest,
  };
}

/** Runs the jobs of one call, as a promise. */
export type RunStep = (
  records: BatchRecord[],
  untilMs: number,
  onAcked: (record: BatchRecord) => void,
) => Promise<Verdict[]>;

/** A delivery whose jobs end as `verdicts` says; done where it says nothing. */
export function delivery(
  sketches: Sketch[],
  verdicts: Record<string, Verdict> = {},
  { run: runStep, ...options }: Partial<Omit<Batch<BatchRecord>, "run">> & { run?: RunStep } = {},
) {
  const clock = createFakeClock();
  const queue = createFakeJobQueue<BatchRecord>();
  const ran: string[] = [];
  const observer = {
    finished: vi.fn<BatchObserver<BatchRecord>["finished"]>(),
    failed: vi.fn<BatchObserver<BatchRecord>["failed"]>(),
    returned: vi.fn<BatchObserver<BatchRecord>["returned"]>(),
    dropped: vi.fn<BatchObserver<BatchRecord>["dropped"]>(),
    error: vi.fn<BatchObserver<BatchRecord>["error"]>(),
  };
  const batch: Batch<BatchRecord> = {
    records: sketches.map(record),
    fifo: false,
    timeoutMs: 300_000,
    deadlineMs: clock.now() + 310_000,
    run(call) {
      const { records, untilMs } = call;
      ran.push(records.map(({ messageId }) => messageId).join("+"));
      if (runStep)
        void runStep(records, untilMs, (acked) => call.onAcked(acked)).then((ends) =>
          call.onEnd(ends, clock.now()),
        );
      else
        call.onEnd(
          records.map(({ messageId }) => verdicts[messageId] ?? DONE),
          clock.now(),
        );
    },
    queue,
    observer,
    processEnded: () => new Error("process ended"),
    clock,
    random: () => 0.5,
    ...options,
  };
  const run = async () =>
    (await runBatch(batch)).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  return { run, ran, queue, observer, clock, batch };
}
