import type { QueueAttributes } from "../../packages/cli/src/local-sqs/broker/broker.js";
import { DEFAULT_ATTRIBUTES } from "../../packages/cli/src/local-sqs/broker/default-attributes.js";
import { expectCode, pickQueue } from "./action.js";
import type { Now } from "./model.js";
import type { Call, Simulation } from "./simulation.js";

const ARN = "arn:aws:sqs:us-east-1:000000000000:";

/** The queues of every run. */
export const NAMES = ["a", "b", "a-dlq", "f.fifo", "g.fifo", "f-dlq.fifo"];

/** CreateQueue of one that is missing. */
export function createQueue(simulation: Simulation): Call | null {
  const name = simulation.pick(NAMES.filter((other) => !simulation.model.queues.has(other)));
  return name === undefined ? null : createNamed(simulation, name);
}

/** CreateQueue with random attributes. */
export function createNamed(simulation: Simulation, name: string): Call {
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

/** DeleteQueue of one that nobody waits for. */
export function deleteQueue(simulation: Simulation): Call | null {
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

/** SetQueueAttributes: timeouts, delays, redrive policies. */
export function setAttributes(simulation: Simulation): Call | null {
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

/** TagQueue or UntagQueue. */
export function tag(simulation: Simulation): Call | null {
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

/** PurgeQueue. */
export function purge(simulation: Simulation): Call | null {
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

/** StartMessageMoveTask; the moves themselves are found on the disk. */
export function moveTask(simulation: Simulation): Call | null {
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
