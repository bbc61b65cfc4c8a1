import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { SQS_MAX_BATCH_ENTRIES } from "@queue-run/runtime/limits";
import type { MessageSource } from "../dev/event-source/message-source.js";

import { toReceivedMessage } from "./received-message.js";

const LONG_POLL_SECONDS = 20;
/** How often the entries of a batch are sent that SQS itself failed with. */
const ENTRY_ATTEMPTS = 3;

/** A queue at an SQS that is reached over the network. */
export type RemoteQueue = {
  client: SQSClient;
  /** Receives, where that should share neither connections nor retries with other calls. Default: `client`. */
  pollingClient?: SQSClient;
  queueUrl: () => string;
  /** In records. */
  queueArn: string;
  region: string;
  /** How long messages are invisible after they were received. Default: the queue's own. */
  visibilityTimeoutSeconds?: number;
};

/** Messages of a queue over the network, and changes of the visibility of many at once. */
export type RemoteMessages = MessageSource & {
  /**
   * Makes messages invisible for so long from now on.
   *
   * @returns the handles that SQS refuses for good: those messages are deleted, or have gone to another receiver
   * @throws when SQS did not answer, or failed; all may be tried again
   */
  extend(receiptHandles: string[], seconds: number): Promise<string[]>;
};

export function remoteMessages(queue: RemoteQueue): RemoteMessages {
  const { client, pollingClient = client, queueUrl, queueArn, region, visibilityTimeoutSeconds } = queue;

  async function returnAfter(ReceiptHandle: string, VisibilityTimeout: number): Promise<void> {
    const change = new ChangeMessageVisibilityCommand({
      QueueUrl: queueUrl(),
      ReceiptHandle,
      VisibilityTimeout,
    });
    await client.send(change).catch((error: unknown) => {
      if (!isOutdatedHandle(error)) throw error;
    });
  }

  return {
    queueArn,
    region,
    async receive(maxMessages, signal) {
      const receive = new ReceiveMessageCommand({
        QueueUrl: queueUrl(),
        MaxNumberOfMessages: maxMessages,
        WaitTimeSeconds: LONG_POLL_SECONDS,
        MessageAttributeNames: ["All"],
        MessageSystemAttributeNames: ["All"],
        ...(visibilityTimeoutSeconds !== undefined && { VisibilityTimeout: visibilityTimeoutSeconds }),
      });
      const none: Message[] = [];
      const { Messages = none } = await pollingClient
        .send(receive, { abortSignal: signal })
        .catch((error: unknown) => {
          if (signal.aborted) return { Messages: none };
          throw error;
        });
      return {
        messages: Messages.map(toReceivedMessage),
        undo: () => {
          for (const { ReceiptHandle } of Messages)
            if (ReceiptHandle) void returnAfter(ReceiptHandle, 0).catch(() => {});
        },
      };
    },
    async delete(receiptHandles) {
      for (const handles of batches(receiptHandles)) {
        let waiting = handles;
        for (let attempt = 1; waiting.length > 0; attempt++) {
          const Entries = waiting.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
          const command = new DeleteMessageBatchCommand({ QueueUrl: queueUrl(), Entries });
          const { Failed = [] } = await client.send(command);
          const failed = Failed.filter(({ SenderFault }) => !SenderFault);
          if (failed.length > 0 && attempt === ENTRY_ATTEMPTS) throw entriesFailed("deleted", failed);
          waiting = failed.map(({ Id }) => waiting[Number(Id)] ?? "");
        }
      }
    },
    async release() {
      // Another server does not know who of its clients is still there.
    },
    returnAfter,
    async extend(receiptHandles, seconds) {
      const refused: string[] = [];
      for (const handles of batches(receiptHandles)) {
        const Entries = handles.map((ReceiptHandle, index) => ({
          Id: String(index),
          ReceiptHandle,
          VisibilityTimeout: seconds,
        }));
        const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl(), Entries });
        const { Failed = [] } = await client.send(command);
        refused.push(
          ...Failed.filter(({ SenderFault }) => SenderFault).map(({ Id }) => handles[Number(Id)] ?? ""),
        );
        const failed = Failed.filter(({ SenderFault }) => !SenderFault);
        if (failed.length > 0) throw entriesFailed("kept", failed);
      }
      return refused;
    },
  };
}

function batches(receiptHandles: string[]): string[][] {
  const result: string[][] = [];
  for (let at = 0; at < receiptHandles.length; at += SQS_MAX_BATCH_ENTRIES)
    result.push(receiptHandles.slice(at, at + SQS_MAX_BATCH_ENTRIES));
  return result;
}

/** What SQS answers when a message is deleted or visible again, or has been given to another. */
const OUTDATED_HANDLE = /ReceiptHandle|MessageNotInflight|InvalidParameterValue/;

function isOutdatedHandle(error: unknown): boolean {
  return error instanceof Error && OUTDATED_HANDLE.test(error.name);
}

function entriesFailed(what: string, failed: BatchResultErrorEntry[]): Error {
  const reasons = new Set(failed.map(({ Code, Message }) => `${Code}${Message ? `: ${Message}` : ""}`));
  return new Error(`${failed.length} messages could not be ${what}: ${[...reasons].join("; ")}`);
}
