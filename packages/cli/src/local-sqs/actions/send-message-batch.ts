import { SQS_MAX_MESSAGE_BYTES } from "@queue-run/runtime/limits";
import type { OutgoingMessage, QueueAttributes } from "../broker/broker.js";
import { md5OfAttributes, md5OfBody } from "../checksums.js";
import type { Input } from "../protocol/input.js";
import { SqsError } from "../sqs-error.js";
import { batchRequestTooLong, invalidParameterValue } from "../sqs-errors.js";
import type { ActionContext } from "./action.js";
import { answerBatch, type BatchEntry, batchEntries } from "./batch.js";
import { assertFits, type ParsedMessage, parseMessage } from "./outgoing-message.js";
import { queueOf } from "./queue-of.js";

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
  return await answerBatch(entries, async ({ id, parsed }) => {
    if (parsed instanceof SqsError) throw parsed;
    const { message, systemAttributes, bytes } = parsed;
    if (bytes > queue.maximumMessageSizeBytes) {
      throw invalidParameterValue(
        `One or more parameters cannot be validated. Reason: Message must be shorter than ${queue.maximumMessageSizeBytes} bytes.`,
      );
    }
    assertFits(message, queue);
    const sent = await context.broker.send(name, message);
    return {
      Id: id,
      MessageId: sent.messageId,
      MD5OfMessageBody: md5OfBody(message.body),
      MD5OfMessageAttributes: message.attributes && md5OfAttributes(message.attributes),
      MD5OfMessageSystemAttributes: systemAttributes && md5OfAttributes(systemAttributes),
      SequenceNumber: sent.sequenceNumber ?? undefined,
    };
  });
}

function parseEntry({ id, input }: BatchEntry, traceHeader: string | undefined): ParsedEntry {
  try {
    return { id, parsed: parseMessage(input, traceHeader) };
  } catch (error) {
    if (error instanceof SqsError && error.code !== "SerializationException") return { id, parsed: error };
    throw error;
  }
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
