import { localQueueNames } from "@queue-run/runtime/instance";
import type { AttributeChanges, Broker } from "../../local-sqs/broker/broker.js";
import { type Owner, toQueueArn } from "../../local-sqs/queue-names.js";
import type { QueueDefinition } from "../../project/manifest.js";
import { deadLetterAttributes, queueAttributes } from "../../resources/queue-attributes.js";

/**
 * Creates the queues of a project and their dead-letter queues where they are missing, and sets the others to what
 * the project says now. Queues of files that are gone stay, with their messages.
 */
export async function ensureQueues(broker: Broker, queues: QueueDefinition[], owner: Owner): Promise<void> {
  await Promise.all(
    queues.map(async (queue) => {
      const deadLetters = localQueueNames(queue.name).deadLetterQueue;
      await ensureQueue(broker, deadLetters, queue.fifo, deadLetterAttributes(queue));
      await ensureQueue(
        broker,
        queue.name,
        queue.fifo,
        queueAttributes(queue, toQueueArn(owner, deadLetters)),
      );
    }),
  );
}

async function ensureQueue(
  broker: Broker,
  name: string,
  fifo: boolean,
  attributes: AttributeChanges,
): Promise<void> {
  if (!broker.hasQueue(name)) {
    const { passive: _, ...settable } = attributes;
    await broker.createQueue(name, { ...settable, fifoQueue: fifo }, {});
  } else if (differs(broker.queue(name).attributes, attributes))
    await broker.setQueueAttributes(name, attributes);
}

function differs(current: AttributeChanges, wanted: AttributeChanges): boolean {
  const keys = Object.keys(wanted) as (keyof AttributeChanges)[];
  return keys.some((key) => JSON.stringify(current[key]) !== JSON.stringify(wanted[key]));
}
