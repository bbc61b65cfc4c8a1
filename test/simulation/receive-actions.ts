import type { Delivery } from "../../packages/cli/src/local-sqs/broker/broker.js";
import { pickQueue } from "./action.js";
import type { ModelMessage, ModelQueue, Now } from "./model.js";
import type { Call, Simulation, Waiting } from "./simulation.js";

/** ReceiveMessage that does not wait. */
export function receive(simulation: Simulation): Call<Delivery> | null {
  const queue = pickQueue(simulation);
  // The order of a receive and of one that waits is not for the model to know.
  if (!queue || simulation.waiting.some((waiting) => waiting.queue === queue.name)) return null;
  const request = receiveRequest(simulation, queue);
  return {
    name: `receive ${request.maxMessages} from ${queue.name} for ${request.visibilityTimeoutMs} ms${request.held ? ", held" : ""}`,
    start: () =>
      simulation.process.broker.receive(queue.name, {
        maxMessages: request.maxMessages,
        visibilityTimeoutSeconds: request.visibilityTimeoutMs / 1000,
        waitTimeSeconds: 0,
        held: request.held,
      }),
    apply: (delivery, now) => applyDelivery(simulation, request, delivery, now),
  };
}

/** ReceiveMessage that waits, as the empty queue makes it. */
export function wait(simulation: Simulation): Call | null {
  const queue = pickQueue(simulation);
  if (!queue) return null;
  if (simulation.model.deliverable(queue, new Set()).length > 0) return null;
  const waitTimeSeconds = 1 + simulation.integer(10);
  const waiting: Waiting = {
    ...receiveRequest(simulation, queue),
    endsAt: simulation.now().steadyMs + waitTimeSeconds * 1000,
    abort: new AbortController(),
    answer: null,
    hungUp: false,
  };
  return {
    alone: true,
    name: `wait ${waitTimeSeconds} s for ${waiting.maxMessages} from ${queue.name}${waiting.held ? ", held" : ""}`,
    start: async () => {
      simulation.waiting.push(waiting);
      simulation.process.broker
        .receive(
          queue.name,
          {
            maxMessages: waiting.maxMessages,
            visibilityTimeoutSeconds: waiting.visibilityTimeoutMs / 1000,
            waitTimeSeconds,
            held: waiting.held,
          },
          waiting.abort.signal,
        )
        .then(
          (delivery) => {
            waiting.answer = { delivery };
          },
          (error: unknown) => {
            waiting.answer = { error };
          },
        );
    },
    apply: () => {},
  };
}

/** What the model makes of a long poll's answer. */
export function applyWaiting(simulation: Simulation, waiting: Waiting, now: Now): void {
  const { answer } = waiting;
  if (!answer) return;
  if ("error" in answer) throw answer.error;
  const { messages } = answer.delivery;
  if (waiting.hungUp && messages.length > 0)
    throw new Error(`a receive of ${waiting.queue} that hung up was answered`);
  if (messages.length === 0) {
    const early = !waiting.hungUp && waiting.endsAt > now.steadyMs;
    if (early) throw new Error(`a receive of ${waiting.queue} gave up before its time`);
    return;
  }
  applyDelivery(simulation, waiting, answer.delivery, now);
}

/** Checks that every message may be received now, that none was held back, and takes note. */
function applyDelivery(
  simulation: Simulation,
  request: Pick<Waiting, "queue" | "maxMessages" | "visibilityTimeoutMs" | "held">,
  delivery: Delivery,
  now: Now,
): void {
  const { model } = simulation;
  const queue = model.queue(request.queue);
  const taken = new Set<ModelMessage>();
  const spent = new Set<ModelMessage>();
  const candidates = () => {
    for (;;) {
      const all = model.deliverable(queue, new Set([...taken, ...spent]));
      const more = all.filter((message) => model.isSpent(queue, message));
      if (more.length === 0) return all;
      for (const message of more) spent.add(message);
    }
  };
  for (const received of delivery.messages) {
    const message = candidates().find(({ body }) => body === received.body);
    if (model.deleted.has(received.body)) throw new Error(`${received.body} was received after its deletion`);
    if (!message) throw new Error(`${received.body} of ${queue.name} must not be received now`);
    if (received.messageId !== message.messageId)
      throw new Error(`${received.body} came with another message id`);
    if (received.receiveCount !== message.receiveCount + 1) {
      throw new Error(
        `${received.body} came with receive count ${received.receiveCount}, not ${message.receiveCount + 1}`,
      );
    }
    if (received.sentAtMs !== message.sentAtMs)
      throw new Error(`${received.body} came with another time of sending`);
    if ((received.deadLetterSourceArn?.split(":").at(-1) ?? null) !== message.deadLetterSource) {
      throw new Error(`${received.body} came with another dead-letter source`);
    }
    taken.add(message);
  }
  if (delivery.messages.length > request.maxMessages) throw new Error("more messages than were asked for");
  if (delivery.messages.length < request.maxMessages) {
    const left = candidates()[0];
    if (left) throw new Error(`${left.body} of ${queue.name} was held back`);
    for (const message of spent) simulation.mustMove.add(message.body);
  }
  for (const received of delivery.messages) {
    const message = queue.messages.find(({ body }) => body === received.body);
    if (!message) continue;
    model.received(message, received, request.visibilityTimeoutMs, request.held, now);
    simulation.received.push({ queue: queue.name, body: received.body, handle: received.receiptHandle });
  }
  if (simulation.received.length > 30) simulation.received.splice(0, simulation.received.length - 30);
  if (delivery.messages.length > 0) {
    const handles = delivery.messages.map(({ receiptHandle }) => receiptHandle);
    simulation.undoable.push({ delivery, handles, queue: queue.name, undone: false });
    simulation.undoable = simulation.undoable.slice(-3);
  }
}

function receiveRequest(simulation: Simulation, queue: ModelQueue) {
  return {
    queue: queue.name,
    maxMessages: 1 + simulation.integer(5),
    visibilityTimeoutMs: simulation.chance(0.1) ? 0 : 1000 * (1 + simulation.integer(20)),
    held: simulation.chance(0.3),
  };
}
