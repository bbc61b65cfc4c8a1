import type { SqsClient } from "../aws/sqs-client.js";
import type { BatchOutput } from "../aws/sqs-shapes.js";
import { describeError } from "../errors/describe-error.js";
import { SQS_MAX_BATCH_ENTRIES } from "../limits/index.js";
import { toDeadLetter } from "./dead-letter.js";
import type { DeadLetterFailure } from "./dead-letter-failure.js";
import type { JobQueue, Receipt, VisibilityChange } from "./job-queue.js";
import type { JobRecord } from "./job-record.js";

type Options = {
  client: SqsClient;
  queueName: string;
  queueUrl: string;
  deadLetterQueueUrl: string;
  fifo: boolean;
  codeVersion: string;
  now: () => number;
};

/** The queue that an invocation's jobs came from, on SQS. Calls made in one turn of the event loop share requests. */
export function createSqsJobQueue(options: Options): JobQueue<JobRecord> {
  const { client, queueName, queueUrl, deadLetterQueueUrl, fifo, codeVersion, now } = options;
  const changeTogether = gather<VisibilityChange>(async (changes) => {
    const Entries = changes.map(({ receiptHandle, visibilityTimeoutSeconds }, index) => ({
      Id: String(index),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: visibilityTimeoutSeconds,
    }));
    return client.changeMessageVisibilityBatch({ QueueUrl: queueUrl, Entries });
  });
  const deleteTogether = gather<Receipt>(async (receipts) => {
    const Entries = receipts.map(({ receiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle: receiptHandle,
    }));
    return client.deleteMessageBatch({ QueueUrl: queueUrl, Entries });
  });
  return {
    changeVisibility: changeTogether,
    deleteMessages: deleteTogether,
    async sendDeadLetter(record, { error, attempts }) {
      const failure: DeadLetterFailure = {
        jobId: record.jobId,
        queueName,
        attempts,
        redrives: record.redrives,
        failedAt: new Date(now()).toISOString(),
        codeVersion,
        error: describeError(error),
      };
      await client.sendMessage(toDeadLetter(record, failure, deadLetterQueueUrl, fifo));
    },
  };
}

/** Collects what is asked for in one turn of the event loop and sends it in as few requests as SQS allows. */
function gather<T>(send: (entries: T[]) => Promise<BatchOutput>): (entries: T[]) => Promise<void> {
  let waiting: { entries: T[]; done: Promise<void> } | null = null;
  return (entries) => {
    if (waiting) waiting.entries.push(...entries);
    else {
      const collected = { entries: [...entries], done: Promise.resolve() };
      collected.done = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
        waiting = null;
        return sendAll(collected.entries, send);
      });
      waiting = collected;
    }
    return waiting.done;
  };
}

async function sendAll<T>(entries: T[], send: (entries: T[]) => Promise<BatchOutput>): Promise<void> {
  const requests: Promise<BatchOutput>[] = [];
  for (let start = 0; start < entries.length; start += SQS_MAX_BATCH_ENTRIES)
    requests.push(send(entries.slice(start, start + SQS_MAX_BATCH_ENTRIES)));
  for (const { Failed } of await Promise.all(requests)) if (Failed?.[0]) throw entryRefused(Failed);
}

function entryRefused(failed: NonNullable<BatchOutput["Failed"]>): Error {
  const reasons = new Set(failed.map(({ Code, Message }) => (Message ? `${Code}: ${Message}` : Code)));
  return new Error(`SQS refused ${failed.length} of the entries of a batch: ${[...reasons].join("; ")}`);
}
