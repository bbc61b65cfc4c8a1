import type { MessageMoveTask } from "../broker/broker.js";
import { MAX_LISTED_MOVE_TASKS } from "../limits.js";
import { type Input, integerBetween, requiredText } from "../protocol/input.js";
import { type Owner, toQueueArn } from "../queue-names.js";
import type { ActionContext } from "./action.js";
import { queueOfArn } from "./queue-of-arn.js";

/** API Reference, ListMessageMoveTasks: the newest first, one unless more are asked for. */
export function listMessageMoveTasks(input: Input, context: ActionContext) {
  const { broker, owner } = context;
  const source = queueOfArn(requiredText(input, "SourceArn"), "SourceArn", context);
  const max = MAX_LISTED_MOVE_TASKS;
  const reason = `Must be between 1 and ${max}, if provided.`;
  const maxResults = integerBetween(input, "MaxResults", 1, max, reason) ?? 1;
  const tasks = broker.messageMoveTasks(source);
  if (tasks.length === 0) return {};
  return { Results: tasks.slice(0, maxResults).map((task) => toEntry(task, owner)) };
}

/** A task can be named only while it runs. */
function toEntry(task: MessageMoveTask, owner: Owner) {
  return {
    TaskHandle: task.status === "RUNNING" ? task.taskHandle : undefined,
    Status: task.status,
    SourceArn: toQueueArn(owner, task.sourceName),
    DestinationArn: task.destinationName === null ? undefined : toQueueArn(owner, task.destinationName),
    MaxNumberOfMessagesPerSecond: task.maxMessagesPerSecond ?? undefined,
    ApproximateNumberOfMessagesMoved: task.messagesMoved,
    ApproximateNumberOfMessagesToMove: task.messagesToMove,
    FailureReason: task.failureReason ?? undefined,
    StartedTimestamp: task.startedAtMs,
  };
}
