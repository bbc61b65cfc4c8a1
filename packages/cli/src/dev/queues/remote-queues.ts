import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueUrlCommand,
  type Message,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { DUMMY_KEYS, localQueueNames } from "@queue-run/runtime/instance";
import { SQS_MAX_BATCH_ENTRIES } from "@queue-run/runtime/limits";
import { noSqsError } from "../../errors/dev-errors.js";
import type { AttributeChanges, MessageAttribute, ReceivedMessage } from "../../local-sqs/broker/broker.js";
import type { QueueDefinition } from "../../project/manifest.js";
import type { MessageSource } from "../event-source/message-source.js";
import { deadLetterAttributes, queueAttributes } from "./queue-attributes.js";
import { LOCAL_OWNER, type Queues } from "./queues.js";

const LONG_POLL_SECONDS = 20;

/**
 * Uses the queues of another SQS-compatible server (`--sqs-endpoint`), with keys that open nothing.
 *
 * @throws QueueRunError `QR_NO_SQS` when nothing of the kind answers there
 */
export async function openRemoteQueues(endpoint: string): Promise<Queues> {
  const client = new SQSClient({
    endpoint,
    region: LOCAL_OWNER.region,
    credentials: DUMMY_KEYS,
    maxAttempts: 3,
  });
  const urls = new Map<string, string>();
  const place = {
    endpoint,
    region: LOCAL_OWNER.region,
    queueUrlPrefix: await queueUrlPrefix(client, endpoint),
    // The user named it: it may be in a container with a name of its own.
    allowRemoteEndpoint: true,
  };
  const urlOf = (queue: string): string => urls.get(queue) ?? place.queueUrlPrefix + queue;

  async function ensureQueue(name: string, fifo: boolean, attributes: AttributeChanges): Promise<void> {
    const Attributes = toWire(attributes);
    try {
      const found = await client.send(new GetQueueUrlCommand({ QueueName: name }));
      urls.set(name, onEndpoint(found.QueueUrl, endpoint));
      await client.send(new SetQueueAttributesCommand({ QueueUrl: urlOf(name), Attributes }));
    } catch (error) {
      if (!(error instanceof QueueDoesNotExist)) throw error;
      const create = { QueueName: name, Attributes: { ...Attributes, ...(fifo && { FifoQueue: "true" }) } };
      const { QueueUrl } = await client.send(new CreateQueueCommand(create));
      urls.set(name, onEndpoint(QueueUrl, endpoint));
    }
  }

  return {
    place,
    port: null,
    shownEndpoint: endpoint,
    async ensure(queues: QueueDefinition[]) {
      const account = /\/(\d{12})\/$/.exec(place.queueUrlPrefix)?.[1] ?? LOCAL_OWNER.accountId;
      await Promise.all(
        queues.map(async (queue) => {
          const { deadLetterQueue } = localQueueNames(queue.name);
          await ensureQueue(deadLetterQueue, queue.fifo, deadLetterAttributes(queue));
          const arn = `arn:aws:sqs:${place.region}:${account}:${deadLetterQueue}`;
          await ensureQueue(queue.name, queue.fifo, queueAttributes(queue, arn));
        }),
      );
    },
    messagesOf: (queue) => remoteMessages(client, queue, () => urlOf(queue), place.queueUrlPrefix),
    async stopServing() {},
    async close() {
      client.destroy();
    },
  };
}

/** How URLs of queues there begin: servers differ in the account that they pretend to have. */
async function queueUrlPrefix(client: SQSClient, endpoint: string): Promise<string> {
  const probe = "queue-run-probe";
  try {
    const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: probe }));
    return onEndpoint(QueueUrl, endpoint).slice(0, -probe.length);
  } catch (error) {
    if (!(error instanceof QueueDoesNotExist)) throw noSqsError(endpoint, error);
    const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: probe }));
    return onEndpoint(QueueUrl, endpoint).slice(0, -probe.length);
  }
}

/** Servers give URLs on names of their own, which may not be reachable from here. */
function onEndpoint(queueUrl: string | undefined, endpoint: string): string {
  return endpoint + new URL(queueUrl ?? "/", endpoint).pathname;
}

function remoteMessages(
  client: SQSClient,
  queue: string,
  urlOf: () => string,
  prefix: string,
): MessageSource {
  const account = /\/(\d{12})\/$/.exec(prefix)?.[1] ?? LOCAL_OWNER.accountId;
  return {
    queueArn: `arn:aws:sqs:${LOCAL_OWNER.region}:${account}:${queue}`,
    region: LOCAL_OWNER.region,
    async receive(maxMessages, signal) {
      const receive = new ReceiveMessageCommand({
        QueueUrl: urlOf(),
        MaxNumberOfMessages: maxMessages,
        WaitTimeSeconds: LONG_POLL_SECONDS,
        MessageAttributeNames: ["All"],
        MessageSystemAttributeNames: ["All"],
      });
      const none: Message[] = [];
      const { Messages = none } = await client
        .send(receive, { abortSignal: signal })
        .catch((error: unknown) => {
          if (signal.aborted) return { Messages: none };
          throw error;
        });
      return {
        messages: Messages.map(fromWire),
        undo: () => {
          for (const { ReceiptHandle } of Messages) if (ReceiptHandle) void returnAfter(ReceiptHandle, 0);
        },
      };
    },
    async delete(receiptHandles) {
      for (let at = 0; at < receiptHandles.length; at += SQS_MAX_BATCH_ENTRIES) {
        const Entries = receiptHandles
          .slice(at, at + SQS_MAX_BATCH_ENTRIES)
          .map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
        await client.send(new DeleteMessageBatchCommand({ QueueUrl: urlOf(), Entries }));
      }
    },
    async release() {
      // Another server does not know who of its clients is still there.
    },
    returnAfter,
  };

  async function returnAfter(ReceiptHandle: string, VisibilityTimeout: number): Promise<void> {
    const change = new ChangeMessageVisibilityCommand({
      QueueUrl: urlOf(),
      ReceiptHandle,
      VisibilityTimeout,
    });
    await client.send(change).catch(() => {
      // A handle that is out of date: the message has gone to another receiver, or is deleted.
    });
  }
}

function toWire(attributes: AttributeChanges): Record<string, string> {
  const { visibilityTimeoutSeconds, messageRetentionPeriodSeconds, redrivePolicy } = attributes;
  const { contentBasedDeduplication, deduplicationScope, fifoThroughputLimit } = attributes;
  const wire: Record<string, string> = {};
  if (visibilityTimeoutSeconds !== undefined) wire.VisibilityTimeout = String(visibilityTimeoutSeconds);
  if (messageRetentionPeriodSeconds !== undefined)
    wire.MessageRetentionPeriod = String(messageRetentionPeriodSeconds);
  if (redrivePolicy) wire.RedrivePolicy = JSON.stringify(redrivePolicy);
  if (contentBasedDeduplication !== undefined)
    wire.ContentBasedDeduplication = String(contentBasedDeduplication);
  if (deduplicationScope !== undefined) wire.DeduplicationScope = deduplicationScope;
  if (fifoThroughputLimit !== undefined) wire.FifoThroughputLimit = fifoThroughputLimit;
  return wire;
}

function fromWire(message: Message): ReceivedMessage {
  const { Attributes: system = {}, MessageAttributes = {} } = message;
  const attributes: Record<string, MessageAttribute> = {};
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(MessageAttributes)) {
    attributes[name] = {
      dataType: DataType ?? "String",
      ...(StringValue !== undefined && { stringValue: StringValue }),
      ...(BinaryValue !== undefined && { binaryValue: BinaryValue }),
    };
  }
  return {
    messageId: message.MessageId ?? "",
    receiptHandle: message.ReceiptHandle ?? "",
    body: message.Body ?? "",
    attributes,
    traceHeader: system.AWSTraceHeader ?? null,
    sentAtMs: Number(system.SentTimestamp ?? 0),
    firstReceivedAtMs: Number(system.ApproximateFirstReceiveTimestamp ?? 0),
    receiveCount: Number(system.ApproximateReceiveCount ?? 1),
    messageGroupId: system.MessageGroupId ?? null,
    messageDeduplicationId: system.MessageDeduplicationId ?? null,
    sequenceNumber: system.SequenceNumber ?? null,
    deadLetterSourceArn: system.DeadLetterQueueSourceArn ?? null,
  };
}
