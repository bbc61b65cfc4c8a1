import type { Broker, Delivery } from "../../../packages/cli/src/local-sqs/broker/broker.js";
import { FAILURE_ATTRIBUTE } from "../../../packages/runtime/src/job/dead-letter-failure.js";
import type { Payload } from "./handlers.js";
import type { Ledger, LedgerMessage } from "./ledger.js";
import type { SimulatedQueue } from "./queues.js";
import type { Life, World } from "./world.js";

/**
 * A broker whose answers the ledger hears of, as long as the server that gives them lives.
 *
 * @param expected - of each queue that keeps no order, the bodies that must be received first, in order
 */
export function observedBroker(
  broker: Broker,
  { world, ledger, server, queues }: { world: World; ledger: Ledger; server: Life; queues: SimulatedQueue[] },
  expected: Map<string, string[]>,
): Broker {
  const handles = new Map<string, { message: LedgerMessage; receiveCount: number }>();
  const sources = new Map(queues.map(({ name, deadLetters }) => [deadLetters, name]));
  return {
    ...broker,
    async send(queue, message) {
      const sent = await broker.send(queue, message);
      const source = sources.get(queue);
      if (!server.alive || source === undefined) return sent;
      const { body } = JSON.parse(message.body) as Payload;
      world.log(`${body} is in ${queue}`);
      ledger.deadLettered(source, body, message.attributes?.[FAILURE_ATTRIBUTE]?.stringValue);
      return sent;
    },
    async deleteMessage(queue, receiptHandle) {
      await broker.deleteMessage(queue, receiptHandle);
      const handle = handles.get(receiptHandle);
      if (!server.alive || !handle) return;
      const { message, receiveCount } = handle;
      world.log(`${message.body} is deleted`);
      if (!ledger.isOver(message))
        world.fail(`${message.body} was deleted, and is neither done nor dead-lettered`);
      // The next of its group could start.
      if (message.group !== null && ledger.running.has(message))
        world.fail(`${message.body} was deleted while its handler was running`);
      // What a process asked for before it ended may come when another has received the message already.
      if (receiveCount === message.receives) message.deletedForGood = true;
    },
    async receive(queue, request, signal) {
      const delivery = await broker.receive(queue, request, signal);
      if (!server.alive || delivery.messages.length === 0) return delivery;
      return noted(queue, delivery);
    },
  };

  function noted(queue: string, delivery: Delivery): Delivery {
    const received = delivery.messages.map((each) => {
      const { messageId, messageGroupId, sequenceNumber, receiptHandle, receiveCount } = each;
      const { body } = JSON.parse(each.body) as Payload;
      const message = ledger.message(messageId, queue, messageGroupId, sequenceNumber);
      handles.set(receiptHandle, { message, receiveCount });
      ledger.delivered(message, body, receiveCount);
      return message;
    });
    const bodies = received.map(({ body }) => body ?? "");
    world.log(`${queue} gives ${bodies.join(" ")}`);
    const first = expected.get(queue);
    expected.delete(queue);
    const inOrder = first?.slice(0, bodies.length) ?? [];
    if (inOrder.some((body, index) => body !== bodies[index]))
      world.fail(`${queue} gave ${bodies.join(" ")} after its start, not ${inOrder.join(" ")}`);
    let undone = false;
    const undo = () => {
      if (undone) return;
      undone = true;
      world.log(`${bodies.join(" ")} go back as if never received`);
      for (const [index, message] of received.entries())
        if (message.receives === delivery.messages[index]?.receiveCount) {
          message.receives--;
          message.isUndone = true;
        }
      delivery.undo();
    };
    return { messages: delivery.messages, undo };
  }
}
