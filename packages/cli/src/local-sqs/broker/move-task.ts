import {
  invalidParameterValue,
  moveTaskAlreadyRunning,
  moveTaskDoesNotExist,
  notADeadLetterQueue,
  resourceDoesNotExist,
} from "../sqs-errors.js";
import type { MessageMoveTask } from "./broker.js";
import type { BrokerContext } from "./context.js";
import { deadLetterSourceQueues } from "./dead-letter.js";
import { settle } from "./due.js";
import { VISIBLE } from "./message-table.js";
import { appendMessage, readContent, removeMessage } from "./messages.js";
import type { QueueState } from "./queue-state.js";
import { moveTaskKey } from "./records.js";

/** A task as it is stored, and the steady time of its next step. */
export type MoveTask = Omit<MessageMoveTask, "taskHandle"> & { id: string; nextAt: number };

/** How often a task takes a step at least, when its rate allows. */
const STEP_MS = 50;
/** Messages of a step of a task without a rate, and the pause after it. */
const UNLIMITED_STEP = 500;
const UNLIMITED_PAUSE_MS = 5;
/** Tasks of one source that are remembered. API Reference, ListMessageMoveTasks. */
const KEPT_TASKS = 10;
const QUEUE_GONE = "AWS.SimpleQueueService.NonExistentQueue";

/** StartMessageMoveTask: the first step is taken at once. */
export async function startMoveTask(
  context: BrokerContext,
  sourceName: string,
  options: { destination?: string; maxMessagesPerSecond?: number },
): Promise<{ taskHandle: string }> {
  context.journal.assertHealthy();
  const source = context.queues.get(sourceName);
  if (!source) throw resourceDoesNotExist("SourceArn");
  settle(context, source);
  if (options.destination !== undefined) {
    const destination = context.queues.get(options.destination);
    if (!destination) throw resourceDoesNotExist("DestinationArn");
    if (destination.fifo !== source.fifo || destination === source) {
      throw invalidParameterValue("Source and destination must be two queues of the same type.");
    }
  }
  if (deadLetterSourceQueues(context, source).length === 0) throw notADeadLetterQueue();
  const tasks = tasksOf(context, sourceName);
  if (tasks.some((task) => task.status === "RUNNING")) throw moveTaskAlreadyRunning();
  for (const old of tasks.slice(KEPT_TASKS - 1)) {
    context.moveTasks.delete(old.id);
    context.journal.delete(moveTaskKey(old.id));
  }
  const task: MoveTask = {
    id: context.random.uuid(),
    sourceName,
    destinationName: options.destination ?? null,
    status: "RUNNING",
    maxMessagesPerSecond: options.maxMessagesPerSecond ?? null,
    messagesMoved: 0,
    messagesToMove: source.table.count(VISIBLE),
    failureReason: null,
    startedAtMs: context.time.wall(),
    nextAt: 0,
  };
  context.moveTasks.set(task.id, task);
  step(context, task);
  await context.journal.committed();
  return { taskHandle: handleOf(context, task) };
}

/** Newest first. */
export function listMoveTasks(context: BrokerContext, source: QueueState): MessageMoveTask[] {
  return tasksOf(context, source.record.name).map(({ id, nextAt, ...task }) => ({
    ...task,
    taskHandle: handleOf(context, { id, sourceName: task.sourceName }),
  }));
}

/** CancelMessageMoveTask: what was moved stays moved. */
export async function cancelMoveTask(
  context: BrokerContext,
  taskHandle: string,
): Promise<{ messagesMoved: number }> {
  context.journal.assertHealthy();
  const { taskId, sourceArn } = parseHandle(taskHandle);
  if (!context.queueOfArn(sourceArn)) throw resourceDoesNotExist("SourceArn");
  const task = context.moveTasks.get(taskId);
  if (task?.status !== "RUNNING") throw moveTaskDoesNotExist();
  task.status = "CANCELLED";
  saveMoveTask(context, task);
  await context.journal.committed();
  return { messagesMoved: task.messagesMoved };
}

/** Takes the steps that are due, of every running task, and sets the alarm for the next. */
export function runMoveTasks(context: BrokerContext): void {
  for (const task of context.moveTasks.values()) {
    if (task.status === "RUNNING") step(context, task);
  }
}

export function saveMoveTask(context: BrokerContext, task: MoveTask): void {
  context.journal.put(moveTaskKey(task.id), JSON.stringify({ ...task, nextAt: 0 }));
}

function step(context: BrokerContext, task: MoveTask): void {
  const now = context.time.now();
  if (now < task.nextAt) {
    context.time.alarm(task.nextAt);
    return;
  }
  const rate = task.maxMessagesPerSecond;
  const pauseMs = rate === null ? UNLIMITED_PAUSE_MS : Math.max(STEP_MS, Math.ceil(1000 / rate));
  const most = rate === null ? UNLIMITED_STEP : Math.max(1, Math.round((rate * pauseMs) / 1000));
  task.failureReason = moveMessages(context, task, most);
  const source = context.queues.get(task.sourceName);
  if (task.failureReason !== null) task.status = "FAILED";
  else if (!source?.order.hasVisible()) task.status = "COMPLETED";
  saveMoveTask(context, task);
  if (task.status !== "RUNNING") return;
  task.nextAt = now + pauseMs;
  context.time.alarm(task.nextAt);
}

/** Moves at most `most` messages. Returns why it cannot go on, or null. */
function moveMessages(context: BrokerContext, task: MoveTask, most: number): string | null {
  const source = context.queues.get(task.sourceName);
  if (!source) return QUEUE_GONE;
  for (let moved = 0; moved < most; moved++) {
    let failure: string | null = null;
    let found = false;
    source.order.takeVisible(1, (seq) => {
      found = true;
      failure = moveMessage(context, task, source, seq);
      return true;
    });
    if (!found || failure !== null) return failure;
    task.messagesMoved++;
  }
  return null;
}

/** A redriven message is a new one: new message id, time and receive count. Developer Guide, "Dead-letter queue redrive". */
function moveMessage(context: BrokerContext, task: MoveTask, source: QueueState, seq: number): string | null {
  const content = readContent(context, source, seq);
  const destination =
    task.destinationName === null
      ? context.queueOfArn(content.deadLetterSourceArn ?? "")
      : context.queues.get(task.destinationName);
  if (!destination || destination.fifo !== source.fifo || destination === source) {
    const receipt = source.receipts.get(seq);
    source.order.becameVisible(seq, receipt?.receiveCount ?? 0);
    return task.destinationName === null && content.deadLetterSourceArn === null
      ? "CouldNotDetermineMessageSource"
      : QUEUE_GONE;
  }
  removeMessage(context, source, seq);
  appendMessage(context, destination, {
    content: { ...content, messageId: context.random.uuid(), deadLetterSourceArn: null },
    sentAtMs: context.time.wall(),
    delayMs: 0,
    receiveCount: 0,
    firstReceivedAtMs: 0,
  });
  return null;
}

function tasksOf(context: BrokerContext, sourceName: string): MoveTask[] {
  return [...context.moveTasks.values()].filter((task) => task.sourceName === sourceName).reverse();
}

function handleOf(context: BrokerContext, { id, sourceName }: Pick<MoveTask, "id" | "sourceName">): string {
  return Buffer.from(JSON.stringify({ taskId: id, sourceArn: context.arnOfName(sourceName) })).toString(
    "base64",
  );
}

function parseHandle(taskHandle: string): { taskId: string; sourceArn: string } {
  try {
    const { taskId, sourceArn } = JSON.parse(Buffer.from(taskHandle, "base64").toString());
    if (typeof taskId === "string" && typeof sourceArn === "string") return { taskId, sourceArn };
  } catch {
    // Not a handle of ours: answered below.
  }
  throw invalidParameterValue("Value for parameter TaskHandle is invalid.");
}
