import { LAMBDA_MAX_PAYLOAD_BYTES } from "@queue-run/runtime/limits";
import type { Clock } from "../../clock/clock.js";
import type { Delivery, ReceivedMessage } from "../../local-sqs/broker/broker.js";
import { MAX_RECEIVED_MESSAGES } from "../../local-sqs/limits.js";
import type { MessageSource } from "./message-source.js";

/** What a record weighs in an event beyond its body and attributes: ids, handle, checksums, names. */
const RECORD_OVERHEAD_BYTES = 1_024;

/**
 * Waits for messages as Lambda's pollers do: until there is one, and then, with a batch window, until the batch is
 * full or the window has passed. Without a window, a batch is what one receive gives, and further receives that find
 * something at once.
 *
 * @returns no messages when `signal` aborted, or when a long poll ended empty
 */
export async function gatherBatch(
  { batchSize, batchWindowSeconds }: { batchSize: number; batchWindowSeconds: number },
  source: MessageSource,
  clock: Clock,
  signal: AbortSignal,
): Promise<Delivery> {
  const first = await source.receive(Math.min(batchSize, MAX_RECEIVED_MESSAGES), signal);
  if (batchWindowSeconds === 0 || first.messages.length === 0 || first.messages.length >= batchSize)
    return first;

  const deliveries = [first];
  let count = first.messages.length;
  let bytes = weight(first.messages);
  const windowOver = new AbortController();
  const cancel = clock.at(clock.now() + batchWindowSeconds * 1000, () => windowOver.abort());
  const eitherSignal = AbortSignal.any([signal, windowOver.signal]);
  while (count < batchSize && bytes < LAMBDA_MAX_PAYLOAD_BYTES && !eitherSignal.aborted) {
    const next = await source.receive(Math.min(batchSize - count, MAX_RECEIVED_MESSAGES), eitherSignal);
    deliveries.push(next);
    count += next.messages.length;
    bytes += weight(next.messages);
  }
  cancel();
  return {
    messages: withoutRepetitions(deliveries.flatMap(({ messages }) => messages)),
    undo: () => {
      for (const delivery of deliveries.reverse()) delivery.undo();
    },
  };
}

/**
 * A wall clock that is set ahead (a laptop that wakes up) ends visibility timeouts while a batch is filled, so that one
 * message may come twice: what counts is its latest receive.
 */
function withoutRepetitions(messages: ReceivedMessage[]): ReceivedMessage[] {
  return [...new Map(messages.map((message) => [message.messageId, message])).values()];
}

/**
 * Cuts a batch so that each event stays within what Lambda takes (6 MB); most are not cut at all.
 *
 * @returns at least one batch, in order
 */
export function splitBySize(messages: ReceivedMessage[]): ReceivedMessage[][] {
  if (weight(messages) <= LAMBDA_MAX_PAYLOAD_BYTES) return [messages];
  const batches: ReceivedMessage[][] = [];
  let room = 0;
  for (const message of messages) {
    const bytes = weight([message]);
    if (bytes > room) {
      batches.push([]);
      room = LAMBDA_MAX_PAYLOAD_BYTES;
    }
    batches.at(-1)?.push(message);
    room -= bytes;
  }
  return batches;
}

function weight(messages: ReceivedMessage[]): number {
  let bytes = 0;
  for (const { body, attributes } of messages) {
    bytes += RECORD_OVERHEAD_BYTES + Buffer.byteLength(body);
    for (const name in attributes) {
      const attribute = attributes[name];
      bytes += name.length + (attribute?.stringValue?.length ?? 0) + (attribute?.binaryValue?.length ?? 0);
    }
  }
  return bytes;
}
