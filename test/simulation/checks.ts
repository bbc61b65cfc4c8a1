import {
  decodeContent,
  decodeState,
  parseKey,
  parseSeq,
  type QueueRecord,
} from "../../packages/cli/src/local-sqs/broker/records.js";
import type { ModelMessage, ModelQueue } from "./model.js";
import type { Simulation } from "./simulation.js";

type OnDisk = {
  queue: string;
  seq: number;
  body: string;
  messageId: string;
  sentAtMs: number;
  receiveCount: number;
  deadLetterSource: string | null;
};

/** What is on the disk must be what the model has; moves between queues are found here, and must be allowed. */
export function checkDisk(simulation: Simulation): void {
  const onDisk = readDisk(simulation.disk);
  takeMoves(simulation, onDisk);
  for (const queue of simulation.model.queues.values()) {
    for (const message of queue.messages) {
      const found = onDisk.get(message.body);
      if (!found) throw new Error(`lost: ${message.body} of ${queue.name}`);
      if (found.queue !== queue.name)
        throw new Error(`${message.body} is in ${found.queue}, not in ${queue.name}`);
      if (found.messageId !== message.messageId) throw new Error(`${message.body} has another message id`);
      if (found.receiveCount !== message.receiveCount) {
        throw new Error(
          `${message.body} was received ${message.receiveCount} times, on disk ${found.receiveCount}`,
        );
      }
      onDisk.delete(message.body);
    }
  }
  for (const [body, { queue }] of onDisk)
    throw new Error(`${body} is on the disk, in ${queue}, and should not be`);
}

/** What the broker says of its queues must be what the model says. */
export function checkViews(simulation: Simulation): void {
  const { model } = simulation;
  const { broker } = simulation.process;
  const names = [...model.queues.keys()].sort();
  if (broker.queueNames().join() !== names.join())
    throw new Error(`queues: ${broker.queueNames()}, not ${names}`);
  for (const queue of model.queues.values()) {
    const view = broker.queue(queue.name);
    const counts = model.counts(queue);
    for (const name of ["visibleCount", "inFlightCount", "delayedCount"] as const) {
      if (view[name] !== counts[name])
        throw new Error(`${queue.name}: ${name} is ${view[name]}, not ${counts[name]}`);
    }
    const oldest =
      queue.messages.length === 0 ? null : Math.min(...queue.messages.map(({ sentAtMs }) => sentAtMs));
    if (view.oldestSentAtMs !== oldest)
      throw new Error(`${queue.name}: oldest is ${view.oldestSentAtMs}, not ${oldest}`);
    for (const name of ["attributes", "tags"] as const) {
      if (JSON.stringify(view[name]) !== JSON.stringify(queue[name]))
        throw new Error(`${queue.name}: other ${name}`);
    }
  }
}

function readDisk(disk: ReadonlyMap<string, string>): Map<string, OnDisk> {
  const records = new Map<number, QueueRecord>();
  for (const [key, value] of disk)
    if (key.startsWith("q/")) records.set(parseKey(key).queueId, JSON.parse(value));
  const found = new Map<string, OnDisk>();
  for (const [key, value] of disk) {
    if (!key.startsWith("m/")) continue;
    const { queueId, rest } = parseKey(key);
    const record = records.get(queueId);
    const seq = parseSeq(rest);
    if (!record || seq <= record.purgedUpTo) continue;
    const text = disk.get(key.replace("m/", "b/"));
    if (text === undefined) throw new Error(`${key} has no content`);
    const { body, messageId, deadLetterSourceArn } = decodeContent(text);
    if (found.has(body)) throw new Error(`${body} is on the disk twice`);
    const deadLetterSource = deadLetterSourceArn?.split(":").at(-1) ?? null;
    const { sentAtMs, receiveCount } = decodeState(value);
    found.set(body, { queue: record.name, seq, body, messageId, sentAtMs, receiveCount, deadLetterSource });
  }
  for (const key of disk.keys()) {
    if (key.startsWith("b/") && !disk.has(key.replace("b/", "m/"))) throw new Error(`${key} was left behind`);
  }
  return found;
}

/** Messages that the broker moved: to the dead-letter queue when they are spent, or by a move task. */
export function followMoves(simulation: Simulation): void {
  takeMoves(simulation, readDisk(simulation.disk));
}

function takeMoves(simulation: Simulation, onDisk: ReadonlyMap<string, OnDisk>): void {
  const { model } = simulation;
  const moved: { from: ModelQueue; to: ModelQueue; message: ModelMessage; found: OnDisk }[] = [];
  for (const from of model.queues.values()) {
    for (const message of from.messages) {
      const found = onDisk.get(message.body);
      const to = found && model.queues.get(found.queue);
      if (found && to && to !== from) moved.push({ from, to, message, found });
    }
  }
  // In the order of their arrival, which is the order of their numbers.
  moved.sort((a, b) => a.found.seq - b.found.seq);
  for (const { from, to, message, found } of moved) {
    const deadLetter = model.isSpent(from, message) && found.deadLetterSource === from.name;
    if (!deadLetter && found.deadLetterSource !== null) {
      throw new Error(
        `${message.body} moved from ${from.name} to ${to.name} after ${message.receiveCount} receives`,
      );
    }
    if (!deadLetter && !simulation.moving.has(from.name))
      throw new Error(`${message.body} moved though no task runs`);
    if (message.state !== "visible") throw new Error(`${message.body} moved while it was ${message.state}`);
    const earlier = from.messages.find((other) => other.groupId === message.groupId);
    if (from.attributes.fifoQueue && earlier !== message && earlier?.state === "visible") {
      throw new Error(`${message.body} moved before ${earlier?.body} of its group`);
    }
    simulation.mustMove.delete(message.body);
    from.messages = from.messages.filter((other) => other !== message);
    to.messages.push(message);
    message.handle = null;
    message.held = false;
    message.hiddenUntilMs = 0;
    message.sentDelayed = false;
    message.deadLetterSource = found.deadLetterSource;
    if (!deadLetter) {
      if (found.messageId === message.messageId)
        throw new Error(`${message.body} was redriven with its old message id`);
      message.messageId = found.messageId;
      message.receiveCount = 0;
    }
    if (!deadLetter || from.attributes.fifoQueue) {
      // A task moves at its own times, some of them on the way to now.
      if (found.sentAtMs > simulation.now().wallMs) throw new Error(`${message.body} moved in the future`);
      if (deadLetter && found.sentAtMs !== simulation.now().wallMs)
        throw new Error(`${message.body} kept its time of sending`);
      message.sentAtMs = found.sentAtMs;
    }
  }
  for (const body of simulation.mustMove) throw new Error(`${body} was received too often and stayed`);
}
