import { SQS_MAX_MESSAGE_BYTES } from "@queue-run/runtime/limits";
import type { OutgoingMessage, QueueAttributes } from "../broker/broker.js";
import type { Input } from "../protocol/input.js";
import { SqsError } from "../sqs-error.js";
import { batchRequestTooLong, internalFailure, invalidParameterValue } from "../sqs-errors.js";
import type { ActionContext } from "./action.js";
import { type BatchEntry, batchEntries, toBatchAnswer } from "./batch.js";
import { misfitOf, type ParsedMessage, parseMessage } from "./outgoing-message.js";
import { queueOf } from "./queue-of.js";
import { toSentAnswer } from "./sent-answer.js";

type ParsedEntry = { id: string; parsed: ParsedMessage | SqsError };

/**
 * API Reference, SendMessageBatch. As recorded from AWS: the whole request is refused for its size (always against
 * 1 MiB) and for what a FIFO queue needs; anything else fails its own entry.
 */
export async function sendMessageBatch(input: Input, context: ActionContext) {
  const name = queueOf(input);
  const queue = context.broker.queue(name).attributes;
  const entries = batchEntries(input, "SendMessageBatchRequestEntry").map((entry) =>
    parseEntry(entry, context.traceHeader),
  );
  assertWholeBatch(entries, queue);
  const outcomes = entries.map(({ parsed }) =>
    parsed instanceof SqsError ? parsed : checkEntry(parsed, queue),
  );
  const good = outcomes.filter((outcome): outcome is ParsedMessage => !(outcome instanceof SqsError));
  const sent = await context.broker.sendBatch(
    name,
    good.map(({ message }) => message),
  );
  let next = 0;
  const answers = outcomes.map((outcome, index) => {
    if (outcome instanceof SqsError) return outcome;
    const result = sent[next++];
    if (result === undefined || result instanceof SqsError)
      return result ?? internalFailure("The entry was lost");
    return { Id: entries[index]?.id, ...toSentAnswer(outcome, result) };
  });
  return toBatchAnswer(entries, answers);
}

function parseEntry({ id, input }: BatchEntry, traceHeader: string | undefined): ParsedEntry {
  try {
    return { id, parsed: parseMessage(input, traceHeader) };
  } catch (error) {
    if (error instanceof SqsError && error.code !== "SerializationException") return { id, parsed: error };
    throw error;
  }
}

/** What the queue does not take of an entry by itself. */
function checkEntry(parsed: ParsedMessage, queue: QueueAttributes): ParsedMessage | SqsError {
  if (parsed.bytes > queue.maximumMessageSizeBytes) {
    return invalidParameterValue(
      `One or more parameters cannot be validated. Reason: Message must be shorter than ${queue.maximumMessageSizeBytes} bytes.`,
    );
  }
  return misfitOf(parsed.message, queue) ?? parsed;
}

function assertWholeBatch(entries: ParsedEntry[], queue: QueueAttributes): void {
  let bytes = 0;
  for (const { parsed } of entries) {
    if (parsed instanceof SqsError) continue;
    bytes += parsed.bytes;
    if (queue.fifoQueue) assertFifoEntry(parsed.message, queue);
  }
  if (bytes > SQS_MAX_MESSAGE_BYTES) throw batchRequestTooLong(SQS_MAX_MESSAGE_BYTES, bytes);
}

/** What fails one message by itself fails the whole batch, with another code. */
function assertFifoEntry(message: OutgoingMessage, queue: QueueAttributes): void {
  if (message.messageDeduplicationId === undefined && !queue.contentBasedDeduplication) {
    throw invalidParameterValue(
      "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
    );
  }
  if (message.messageGroupId === undefined) {
    throw invalidParameterValue("The request must contain the parameter MessageGroupId.");
  }
}
