import { createHash } from "node:crypto";
import type {
  Delivery,
  OutgoingMessage,
  QueueAttributes,
  SentMessage,
} from "../../packages/cli/src/local-sqs/broker/broker.js";
import { DEFAULT_ATTRIBUTES } from "../../packages/cli/src/local-sqs/broker/default-attributes.js";
import type { ModelMessage, ModelQueue, Now } from "./model.js";
import type { Call, Simulation, Waiting } from "./simulation.js";

const ARN = "arn:aws:sqs:us-east-1:000000000000:";
const NAMES = ["a", "b", "a-dlq", "f.fifo", "g.fifo", "f-dlq.fifo"];

/** A random call, or none when this one has nothing to work on. */
export type Action = { name: string; weight: number; make: (simulation: Simulation) => Call | null };

/** What applications and operators do. More kinds of actors add their own. */
export const brokerActions: Action[] = [
  { name: "create", weight: 1, make: createQueue },
  { name: "delete queue", weight: 0.1, make: deleteQueue },
  { name: "set attributes", weight: 1, make: setAttributes },
  { name: "tag", weight: 0.3, make: tag },
  { name: "purge", weight: 0.2, make: purge },
  { name: "send", weight: 12, make: send },
  { name: "receive", weight: 8, make: receive },
  { name: "wait", weight: 3, make: wait },
  { name: "delete", weight: 6, make: deleteMessage },
  { name: "change visibility", weight: 4, make: changeVisibility },
  { name: "release", weight: 2, make: release },
  { name: "undo", weight: 2, make: undo },
  { name: "move task", weight: 0.5, make: moveTask },
];

/** The calls that a new run starts with. */
export function firstCalls(simulation: Simulation): Call[] {
  return NAMES.map((name) => createNamed(simulation, name));
}

/** Whether receiving from this queue may move messages, so that nothing else may happen in the same turn. */
export function mayDeadLetter(simulation: Simulation): boolean {
  return [...simulation.model.queues.values()].some(({ attributes }) => attributes.redrivePolicy !== null);
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

function createQueue(simulation: Simulation): Call | null {
  const name = simulation.pick(NAMES.filter((other) => !simulation.model.queues.has(other)));
  return name === undefined ? null : createNamed(simulation, name);
}

function createNamed(simulation: Simulation, name: string): Call {
  const { model } = simulation;
  const fifo = name.endsWith(".fifo");
  const attributes: Partial<QueueAttributes> = {
    fifoQueue: fifo,
    visibilityTimeoutSeconds: 1 + simulation.integer(20),
    delaySeconds: simulation.chance(0.2) ? simulation.integer(5) : 0,
    // A dead-letter queue keeps messages for longer than its sources, or they are gone as they arrive.
    messageRetentionPeriodSeconds: !name.includes("-dlq") && simulation.chance(0.2) ? 60 : 345_600,
    contentBasedDeduplication: fifo && simulation.chance(0.5),
    deduplicationScope: fifo && simulation.chance(0.5) ? "messageGroup" : "queue",
  };
  return {
    alone: true,
    name: `create ${name} ${JSON.stringify(attributes)}`,
    start: () => simulation.process.broker.createQueue(name, attributes, {}),
    apply: (_answer, now) => {
      const deletedAtMs = model.deletedAtMs.get(name);
      if (deletedAtMs !== undefined && Math.abs(now.wallMs - deletedAtMs) < 60_000)
        throw new Error(`${name} was deleted recently`);
      model.deletedAtMs.delete(name);
      model.queues.set(name, {
        name,
        attributes: { ...DEFAULT_ATTRIBUTES, ...attributes },
        scope: attributes.deduplicationScope ?? "queue",
        tags: {},
        messages: [],
        firstMessages: new Map(),
        purgedAtMs: null,
      });
    },
    applyError: (error, now) => {
      const deletedAtMs = model.deletedAtMs.get(name) ?? Number.NaN;
      expectCode(error, "QueueDeletedRecently");
      if (!(Math.abs(now.wallMs - deletedAtMs) < 60_000)) throw error;
    },
  };
}

function deleteQueue(simulation: Simulation): Call | null {
  const queue = pickQueue(simulation);
  if (!queue || simulation.waiting.some((waiting) => waiting.queue === queue.name)) return null;
  return {
    name: `delete queue ${queue.name}`,
    alone: true,
    start: () => simulation.process.broker.deleteQueue(queue.name),
    apply: (_answer, now) => {
      simulation.model.queues.delete(queue.name);
      simulation.model.deletedAtMs.set(queue.name, now.wallMs);
      simulation.moving.delete(queue.name);
      simulation.received = simulation.received.filter((received) => received.queue !== queue.name);
      simulation.undoable = simulation.undoable.filter((undoable) => undoable.queue !== queue.name);
    },
  };
}

function setAttributes(simulation: Simulation): Call | null {
  const queue = pickQueue(simulation);
  if (!queue) return null;
  const target = queue.attributes.fifoQueue ? "f-dlq.fifo" : "a-dlq";
  const changes: Partial<QueueAttributes> = {};
  if (simulation.chance(0.5)) changes.visibilityTimeoutSeconds = 1 + simulation.integer(20);
  if (simulation.chance(0.3)) changes.delaySeconds = simulation.integer(4);
  if (queue.name !== target && simulation.chance(0.5) && simulation.model.queues.has(target)) {
    const maxReceiveCount = 1 + simulation.integer(3);
    changes.redrivePolicy = simulation.chance(0.7)
      ? { deadLetterTargetArn: ARN + target, maxReceiveCount }
      : null;
  }
  return {
    alone: changes.redrivePolicy !== undefined,
    name: `set ${queue.name} ${JSON.stringify(changes)}`,
    start: () => simulation.process.broker.setQueueAttributes(queue.name, changes),
    apply: (_answer, now) => {
      const shiftMs =
        ((changes.delaySeconds ?? queue.attributes.delaySeconds) - queue.attributes.delaySeconds) * 1000;
      for (const message of queue.messages) {
        if (queue.attributes.fifoQueue && message.state === "delayed") message.visibleAt += shiftMs;
      }
      queue.attributes = { ...queue.attributes, ...changes };
      simulation.model.settle(now);
    },
  };
}

function tag(simulation: Simulation): Call | null {
  const queue = pickQueue(simulation);
  if (!queue) return null;
  const key = `key-${simulation.integer(3)}`;
  const remove = simulation.chance(0.4);
  return {
    name: `${remove ? "untag" : "tag"} ${queue.name}`,
    start: () =>
      remove
        ? simulation.process.broker.untagQueue(queue.name, [key])
        : simulation.process.broker.tagQueue(queue.name, { [key]: "value" }),
    apply: () => {
      const { [key]: _removed, ...others } = queue.tags;
      queue.tags = remove ? others : { ...queue.tags, [key]: "value" };
    },
  };
}

function purge(simulation: Simulation): Call | null {
  const queue = pickQueue(simulation);
  if (!queue) return null;
  const tooSoon = (now: Now) => queue.purgedAtMs !== null && Math.abs(now.wallMs - queue.purgedAtMs) < 60_000;
  return {
    name: `purge ${queue.name}`,
    start: () => simulation.process.broker.purgeQueue(queue.name),
    apply: (_answer, now) => {
      if (tooSoon(now)) throw new Error("purged twice in a minute");
      queue.purgedAtMs = now.wallMs;
      queue.messages = [];
      queue.firstMessages.clear();
    },
    applyError: (error, now) => {
      expectCode(error, "PurgeQueueInProgress");
      if (!tooSoon(now)) throw error;
    },
  };
}

function send(simulation: Simulation): Call<SentMessage> | null {
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

function receive(simulation: Simulation): Call<Delivery> | null {
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

function wait(simulation: Simulation): Call | null {
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

function deleteMessage(simulation: Simulation): Call | null {
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

function changeVisibility(simulation: Simulation): Call | null {
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
      simulation.model.hide(message, seconds * 1000, now);
    },
    applyError: (error) => {
      const message = queue.messages.find((other) => other.body === body && other.handle !== null);
      if (message) expectExpired(queue, body, handle, error);
      else expectCode(error, "InvalidParameterValueException");
    },
  };
}

function release(simulation: Simulation): Call | null {
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

function undo(simulation: Simulation): Call | null {
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

function moveTask(simulation: Simulation): Call | null {
  const name = simulation.pick(["a-dlq", "f-dlq.fifo"]) ?? "";
  if (!simulation.model.queues.has(name)) return null;
  const isTarget = () =>
    [...simulation.model.queues.values()].some(
      ({ attributes }) => attributes.redrivePolicy?.deadLetterTargetArn === ARN + name,
    );
  const maxMessagesPerSecond = simulation.chance(0.5) ? 1 + simulation.integer(3) : undefined;
  return {
    name: `move from ${name}`,
    start: () => {
      simulation.moving.add(name);
      return simulation.process.broker.startMessageMoveTask(name, { maxMessagesPerSecond });
    },
    apply: () => {
      if (!isTarget()) throw new Error(`${name} is no dead-letter queue`);
    },
    applyError: (error) => expectCode(error, "InvalidParameterValueException"),
  };
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

function pickQueue(simulation: Simulation): ModelQueue | undefined {
  return simulation.pick([...simulation.model.queues.values()]);
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

function expectCode(error: unknown, code: string): void {
  if (!(error instanceof Error) || !("code" in error) || error.code !== code) throw error;
}
