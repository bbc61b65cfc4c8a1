import { retryDelaySeconds } from "@queue-run/runtime/config";
import type { Clock } from "../clock/clock.js";
import { awsFailure } from "../deploy/aws/aws-failure.js";
import { startEventSource } from "../dev/event-source/event-source.js";
import { describeDeath } from "../dev/runner/outcome.js";
import type { Runner } from "../dev/runner/runner.js";
import type { QueueDefinition } from "../project/manifest.js";
import { type RemoteQueue, remoteMessages } from "../remote-sqs/remote-messages.js";
import { batchLimits } from "../resources/batch-limits.js";
import { durationText } from "../terminal/duration-text.js";
import { maxDeliveries } from "./built-functions.js";
import { KEEP_SECONDS, keepMessages } from "./kept-messages.js";
import { pollPatiently } from "./patient-messages.js";
import type { StartLog } from "./start-log.js";

/** A queue that is polled, with its function's invocations. */
export type QueuePolling = {
  /** Since when a poll waits for its answer; null while none does. */
  unansweredSinceMs(): number | null;
  /** Stops keeping these messages, if they are of this queue. */
  letGo(messageIds: string[]): Promise<void>;
  /** Polls no more; resolves when the deliveries under way have ended and what was given back is back. */
  stop(): Promise<void>;
};

/** @param remote - where the queue is */
export function pollQueue(
  queue: QueueDefinition,
  remote: RemoteQueue,
  { runner, clock, log }: { runner: Runner; clock: Clock; log: StartLog },
): QueuePolling {
  const { name, fifo, settings } = queue;
  const fields = { queueName: name };
  const reasonOf = (error: unknown): string => {
    const call = { service: "sqs", command: "call", input: null, region: remote.region };
    const { message, fix } = awsFailure(error, call);
    return fix === undefined ? message : `${message} ${fix}`;
  };
  const callFailed = (error: unknown): void =>
    log.line("WARN", `A call for the queue ${name} failed: ${reasonOf(error)}`, fields);

  const kept = keepMessages(remoteMessages({ ...remote, visibilityTimeoutSeconds: KEEP_SECONDS }), {
    clock,
    onFailure: callFailed,
  });
  const messages = pollPatiently(kept, {
    clock,
    random: Math.random,
    reports: {
      failed(error, failures, againInMs) {
        if (!isPowerOfTwo(failures)) return;
        const often = failures === 1 ? "" : ` ${failures} times in a row`;
        const when = `again in ${durationText(againInMs)}`;
        log.line("ERROR", `Polling ${name} failed${often}, ${when}: ${reasonOf(error)}`, fields);
      },
      recovered: (failures) =>
        log.line("INFO", `Polling ${name} works again, after ${failures} failures`, fields),
    },
  });

  const source = startEventSource(
    {
      batchSize: batchLimits(settings).batchSize,
      maximumConcurrency: maxDeliveries(queue),
      batchWindowSeconds: fifo ? 0 : settings.batchWindowSeconds,
      fifo,
      returnDelaySeconds: (receiveCount) => retryDelaySeconds(settings, receiveCount, Math.random),
    },
    {
      messages,
      acquire: (signal) => runner.acquire(`queue:${name}`, signal),
      clock,
      reports: {
        batchFailed(batch, outcome, backInSeconds) {
          const why =
            outcome.kind === "died"
              ? describeDeath(outcome.cause)
              : outcome.kind === "bad-answer"
                ? outcome.why
                : outcome.kind === "failed"
                  ? outcome.error.message
                  : "the function gave no answer";
          const jobs = batch.length === 1 ? "A job" : `${batch.length} jobs`;
          const messageIds = batch.map(({ messageId }) => messageId);
          const text = `${jobs} of ${name} failed, back in ${durationText(backInSeconds * 1_000)}: ${why}`;
          log.line("ERROR", text, { ...fields, messageIds });
        },
        pollFailed: callFailed,
      },
    },
  );
  return {
    unansweredSinceMs: messages.unansweredSinceMs,
    letGo: kept.letGo,
    async stop() {
      await source.stop();
      await kept.idle();
      kept.stop();
    },
  };
}

/** The first failures are told of, and of a long row ever fewer. */
function isPowerOfTwo(count: number): boolean {
  return (count & (count - 1)) === 0;
}
