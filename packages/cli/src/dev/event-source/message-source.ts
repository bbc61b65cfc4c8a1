import type { Broker, Delivery } from "../../local-sqs/broker/broker.js";

/** Where a queue's messages come from: the broker of this process, or another SQS. */
export type MessageSource = {
  /** In records: `arn:aws:sqs:us-east-1:000000000000:emails`. */
  queueArn: string;
  region: string;
  /** Waits up to 20 seconds for up to ten messages. An aborted `signal` ends the wait, and nothing is held. */
  receive(maxMessages: number, signal: AbortSignal): Promise<Delivery>;
  /** Deletes what is done. A handle that is out of date is no error: the message has been given to another. */
  delete(receiptHandles: string[]): Promise<void>;
  /** The function is done with messages that it did not finish: their visibility timeouts go on without it. */
  release(receiptHandles: string[]): Promise<void>;
  /** Makes a message visible again after so many seconds. A handle that is out of date is no error. */
  returnAfter(receiptHandle: string, seconds: number): Promise<void>;
};

/** Longest long poll. SQS API Reference, ReceiveMessage. */
const MAX_WAIT_SECONDS = 20;

/** The queue of that name in this process's broker. */
export function brokerMessages(
  broker: Broker,
  queue: string,
  place: { region: string; accountId: string },
): MessageSource {
  const ignoreOutdatedHandle = (): void => {
    // Its visibility timeout passed, or the runtime has deleted it: either way it is no longer ours.
  };
  return {
    queueArn: `arn:aws:sqs:${place.region}:${place.accountId}:${queue}`,
    region: place.region,
    receive: (maxMessages, signal) =>
      broker.receive(queue, { maxMessages, waitTimeSeconds: MAX_WAIT_SECONDS, held: true }, signal),
    async delete(receiptHandles) {
      await Promise.all(
        receiptHandles.map((handle) => broker.deleteMessage(queue, handle).catch(ignoreOutdatedHandle)),
      );
    },
    release: (receiptHandles) => broker.release(queue, receiptHandles),
    returnAfter: (receiptHandle, seconds) =>
      broker.changeMessageVisibility(queue, receiptHandle, seconds).catch(ignoreOutdatedHandle),
  };
}
