import { createHash } from "node:crypto";
import type { OutgoingMessage, SentMessage } from "../../packages/cli/src/local-sqs/broker/broker.js";
import { expectCode, pickQueue } from "./action.js";
import type { ModelMessage, ModelQueue } from "./model.js";
import type { Call, Simulation } from "./simulation.js";

/** SendMessage, with what the queue's kind allows; on a FIFO queue often a duplicate. */
export function send(simulation: Simulation): Call<SentMessage> | null {
  const queue = pickQueue(simulation);
  if (!queue) return null;
  const { model } = simulation;
  const fifo = queue.attributes.fifoQueue;
  const body = `body-${simulation.nextBody++}`;
  const message: OutgoingMessage = { body };
  if (fifo) {
    message.messageGroupId = `group-${simulation.integer(3)}`;
    if (!queue.attributes.contentBasedDeduplication || simulation.chance(0.5)) {
      message.messageDeduplicationId = `id-${simulation.chance(0.5) ? simulation.integer(4) : simulation.nextBody}`;
    }
  } else {
    if (simulation.chance(0.2)) message.delaySeconds = simulation.integer(6);
    if (simulation.chance(0.2)) message.messageGroupId = "tenant";
    if (simulation.chance(0.2)) message.attributes = { n: { dataType: "Number", stringValue: "1" } };
  }
  const groupId = message.messageGroupId ?? null;
  const id = message.messageDeduplicationId ?? createHash("sha256").update(body).digest("hex");
  const key = queue.scope === "messageGroup" ? `${groupId}/${id}` : id;
  return {
    name: `send ${body} to ${queue.name}${fifo ? ` ${groupId} ${message.messageDeduplicationId ?? "by content"}` : ""}`,
    start: () => simulation.process.broker.send(queue.name, message),
    apply: ({ messageId }, now) => {
      const first = fifo ? model.duplicateOf(queue, key, now) : null;
      if (first !== null) {
        if (messageId !== first)
          throw new Error(`${body} is a duplicate of ${first}, and was answered ${messageId}`);
        return;
      }
      const known = [...model.queues.values()].some((other) =>
        other.messages.some((sent) => sent.messageId === messageId),
      );
      if (known) throw new Error(`${body} was taken for a duplicate`);
      const delaySeconds = fifo
        ? queue.attributes.delaySeconds
        : (message.delaySeconds ?? queue.attributes.delaySeconds);
      model.add(queue, { body, messageId, groupId: fifo ? groupId : null }, delaySeconds * 1000, now);
      if (fifo) model.remember(queue, key, messageId, now);
    },
  };
}

/** DeleteMessage by some handle that was given out once, good or not. */
export function deleteMessage(simulation: Simulation): Call | null {
  const received = simulation.pick(simulation.received);
  const queue = simulation.model.queues.get(received?.queue ?? "");
  if (!received || !queue) return null;
  const { body, handle } = received;
  return {
    name: `delete ${body} from ${queue.name}`,
    start: () => simulation.process.broker.deleteMessage(queue.name, handle),
    apply: () => {
      const message = queue.messages.find((other) => other.body === body && other.handle !== null);
      if (!message) return;
      if (queue.attributes.fifoQueue && !isCurrent(message, handle))
        throw new Error(`${body} was deleted by an expired handle`);
      queue.messages = queue.messages.filter((other) => other !== message);
      simulation.model.deleted.add(body);
    },
    applyError: (error) => expectExpired(queue, body, handle, error),
  };
}

/** ChangeMessageVisibility by some handle that was given out once. */
export function changeVisibility(simulation: Simulation): Call | null {
  const received = simulation.pick(simulation.received);
  const queue = simulation.model.queues.get(received?.queue ?? "");
  if (!received || !queue) return null;
  const { body, handle } = received;
  const seconds = simulation.chance(0.3) ? 0 : 1 + simulation.integer(30);
  return {
    name: `change visibility of ${body} in ${queue.name} to ${seconds} s`,
    start: () => simulation.process.broker.changeMessageVisibility(queue.name, handle, seconds),
    apply: (_answer, now) => {
      const message = queue.messages.find((other) => other.body === body && other.handle !== null);
      if (!message) throw new Error(`${body} is gone, and its visibility was changed`);
      if (queue.attributes.fifoQueue && !isCurrent(message, handle))
        throw new Error(`${body} was changed by an expired handle`);
      // What another has received since is that other's.
      if (message.state === "in flight" && message.handle !== handle) return;
      simulation.model.hide(message, seconds * 1000, now);
    },
    applyError: (error) => {
      const message = queue.messages.find((other) => other.body === body && other.handle !== null);
      if (message) expectExpired(queue, body, handle, error);
      else expectCode(error, "InvalidParameterValueException");
    },
  };
}

/** A receiver in the process lets go of a message. */
export function release(simulation: Simulation): Call | null {
  const received = simulation.pick(simulation.received);
  const queue = simulation.model.queues.get(received?.queue ?? "");
  if (!received || !queue) return null;
  return {
    name: `release ${received.body} in ${queue.name}`,
    start: () => simulation.process.broker.release(queue.name, [received.handle]),
    apply: (_answer, now) => {
      const message = queue.messages.find((other) => isCurrent(other, received.handle));
      if (!message?.held) return;
      message.held = false;
      // Written down anew, by the clock as it goes now.
      message.hiddenUntilMs = now.wallMs + message.visibleAt - now.steadyMs;
    },
  };
}

/** The answer to some earlier receive could not be written after all. */
export function undo(simulation: Simulation): Call | null {
  const index = simulation.integer(simulation.undoable.length);
  const undoable = simulation.undoable[index];
  const queue = simulation.model.queues.get(undoable?.queue ?? "");
  if (!undoable || !queue) return null;
  return {
    name: `undo a delivery of ${undoable.handles.length} from ${queue.name}`,
    start: async () => {
      simulation.undoable = simulation.undoable.filter((other) => other !== undoable);
      undoable.delivery.undo();
      await simulation.process.broker.flush();
    },
    apply: () => {
      if (undoable.undone) return;
      undoable.undone = true;
      for (const message of queue.messages) {
        if (message.handle === null || !undoable.handles.includes(message.handle)) continue;
        message.receiveCount--;
        if (message.state === "in flight") message.state = "visible";
        if (message.state === "visible") message.hiddenUntilMs = 0;
      }
    },
  };
}

const isCurrent = (message: ModelMessage, handle: string) =>
  message.handle === handle && message.state === "in flight";

function expectExpired(queue: ModelQueue, body: string, handle: string, error: unknown): void {
  expectCode(error, "InvalidParameterValueException");
  if (!queue.attributes.fifoQueue)
    throw new Error(`${body}: a standard queue says that a handle has expired`);
  if (queue.messages.some((message) => isCurrent(message, handle)))
    throw new Error(`${body}: a good handle was refused`);
}
