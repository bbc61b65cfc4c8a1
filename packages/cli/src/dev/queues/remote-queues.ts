import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { DUMMY_KEYS, localQueueNames } from "@queue-run/runtime/instance";
import { noSqsError } from "../../errors/dev-errors.js";
import type { AttributeChanges } from "../../local-sqs/broker/broker.js";
import type { QueueDefinition } from "../../project/manifest.js";
import { remoteMessages } from "../../remote-sqs/remote-messages.js";
import { deadLetterAttributes, queueAttributes } from "../../resources/queue-attributes.js";
import { sqsAttributes } from "../../resources/sqs-attributes.js";
import { LOCAL_OWNER, type Queues } from "./queues.js";

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
  const account = /\/(\d{12})\/$/.exec(place.queueUrlPrefix)?.[1] ?? LOCAL_OWNER.accountId;
  const arnOf = (queue: string): string => `arn:aws:sqs:${place.region}:${account}:${queue}`;
  const urlOf = (queue: string): string => urls.get(queue) ?? place.queueUrlPrefix + queue;

  async function ensureQueue(name: string, fifo: boolean, attributes: AttributeChanges): Promise<void> {
    const Attributes = sqsAttributes(attributes);
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
    inProcess: null,
    async ensure(queues: QueueDefinition[]) {
      await Promise.all(
        queues.map(async (queue) => {
          const { deadLetterQueue } = localQueueNames(queue.name);
          await ensureQueue(deadLetterQueue, queue.fifo, deadLetterAttributes(queue));
          await ensureQueue(queue.name, queue.fifo, queueAttributes(queue, arnOf(deadLetterQueue)));
        }),
      );
    },
    async send(message) {
      const name = new URL(message.QueueUrl).pathname.split("/").at(-1) ?? "";
      await client.send(new SendMessageCommand({ MessageBody: "", ...message, QueueUrl: urlOf(name) }));
    },
    messagesOf: (queue) =>
      remoteMessages({
        client,
        queueUrl: () => urlOf(queue),
        queueArn: arnOf(queue),
        region: place.region,
      }),
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
