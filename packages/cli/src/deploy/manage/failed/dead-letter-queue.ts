import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { SQS_MAX_BATCH_ENTRIES, SQS_MAX_MESSAGE_BYTES } from "@queue-run/runtime/limits";
import { type DeadLetter, toDeadLetter } from "./dead-letter.js";
import type { RetriedRecords } from "./redrive-records.js";
import { messageBytes, toRetryMessage } from "./retry-message.js";

/** A queue and its dead-letter queue, wherever they are: on AWS, or in development. */
export type DeadLetterQueue = {
  /** The queue file's: "emails.fifo". */
  name: string;
  fifo: boolean;
  queueUrl: string;
  deadLetterUrl: string;
  sqs: Pick<SQSClient, "send">;
  /** How long a receive waits, in seconds: on AWS long enough to ask all of SQS's servers; locally none is needed. */
  waitSeconds: number;
  /** The records of its jobs. Left out: nothing is recorded of them. */
  records?: () => Promise<RetriedRecords>;
};

/** What became of each in a request of several, in their order: null where it was done. */
export type Outcomes = (string | null)[];

/** How long nobody else sees what was received: enough to go through a long queue, short if this process dies. */
export const HOLD_SECONDS = 300;

/** @returns up to ten dead letters, held for a while; none when there are no more to be had */
export async function receive({ sqs, deadLetterUrl, waitSeconds }: DeadLetterQueue): Promise<DeadLetter[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: deadLetterUrl,
      MaxNumberOfMessages: SQS_MAX_BATCH_ENTRIES,
      VisibilityTimeout: HOLD_SECONDS,
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    }),
  );
  return Messages.map(toDeadLetter);
}

/** @returns how many dead letters somebody holds at the moment; approximate, as SQS's counts are */
export async function countHeld({ sqs, deadLetterUrl }: DeadLetterQueue): Promise<number> {
  const AttributeNames: QueueAttributeName[] = ["ApproximateNumberOfMessagesNotVisible"];
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: deadLetterUrl, AttributeNames }),
  );
  return Number(Attributes?.ApproximateNumberOfMessagesNotVisible ?? 0);
}

/** Lets others see dead letters again, at once. One that is gone or already visible is none of our business. */
export async function release(queue: DeadLetterQueue, letters: readonly DeadLetter[]): Promise<void> {
  for (const batch of inBatches(letters)) {
    const Entries = batch.map(({ receiptHandle: ReceiptHandle }, at) => ({
      Id: String(at),
      ReceiptHandle,
      VisibilityTimeout: 0,
    }));
    await queue.sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queue.deadLetterUrl, Entries }));
  }
}

/** Takes dead letters out of their queue for good. */
export async function remove(queue: DeadLetterQueue, letters: readonly DeadLetter[]): Promise<Outcomes> {
  const outcomes: Outcomes = [];
  for (const batch of inBatches(letters)) {
    const Entries = batch.map(({ receiptHandle: ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
    const { Failed } = await queue.sqs.send(
      new DeleteMessageBatchCommand({ QueueUrl: queue.deadLetterUrl, Entries }),
    );
    outcomes.push(...toOutcomes(batch.length, Failed));
  }
  return outcomes;
}

/** Sends dead letters to the queue that they came from, as jobs without attempts. */
export async function sendBack(queue: DeadLetterQueue, letters: readonly DeadLetter[]): Promise<Outcomes> {
  const outcomes: Outcomes = [];
  const messages = letters.map((letter) => toRetryMessage(letter, queue.fifo));
  for (const batch of inBatches(messages, messageBytes)) {
    const Entries = batch.map((message, at) => ({ ...message, Id: String(at) }));
    const { Failed } = await queue.sqs.send(
      new SendMessageBatchCommand({ QueueUrl: queue.queueUrl, Entries }),
    );
    outcomes.push(...toOutcomes(batch.length, Failed));
  }
  return outcomes;
}

/** As many to a request as SQS takes, by number and, where `bytesOf` says them, by bytes. */
function inBatches<T>(items: readonly T[], bytesOf: (item: T) => number = () => 0): T[][] {
  const batches: T[][] = [];
  let bytes = 0;
  for (const item of items) {
    const current = batches.at(-1);
    bytes += bytesOf(item);
    if (current && current.length < SQS_MAX_BATCH_ENTRIES && bytes <= SQS_MAX_MESSAGE_BYTES)
      current.push(item);
    else {
      batches.push([item]);
      bytes = bytesOf(item);
    }
  }
  return batches;
}

function toOutcomes(length: number, failed: readonly BatchResultErrorEntry[] | undefined): Outcomes {
  const reasons = new Map(
    failed?.map(({ Id, Code, Message }) => [Id, [Code, Message].filter(Boolean).join(": ")]),
  );
  return Array.from({ length }, (_, at) => reasons.get(String(at)) ?? null);
}
