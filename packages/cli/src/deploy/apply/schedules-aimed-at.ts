import { GetScheduleCommand, paginateListSchedules } from "@aws-sdk/client-scheduler";
import { delayedMessagePrefix } from "@queue-run/runtime/names";
import { isScheduledMessage } from "../actual/read-scheduling.js";
import { orNull } from "../aws/aws-failure.js";
import type { Aws } from "../aws/connect.js";
import { scheduler } from "../aws/scheduler.js";
import type { StageScope } from "../desired/desired-state.js";
import { nameInArn } from "../desired/resource-arns.js";
import { delayedName, scheduleGroupName } from "../desired/resource-names.js";

/** Whether a message is scheduled to be sent to a queue: such a schedule is a message that waits. */
export async function hasSchedulesAimedAt(
  aws: Aws,
  scope: StageScope,
  queue: { url: string; arn: string },
): Promise<boolean> {
  return (await hasDelayedMessages(aws, scope, queue.arn)) || (await hasOwnSchedules(aws, scope, queue));
}

/** Messages that functions have delayed: by their names, so that those of other queues are not looked at. */
function hasDelayedMessages(aws: Aws, scope: StageScope, arn: string): Promise<boolean> {
  const NamePrefix = delayedMessagePrefix(nameInArn(arn));
  return hasSchedules(aws, { GroupName: delayedName(scope), NamePrefix });
}

/** Whether there are any schedules in a group, or any of a kind; none where there is no such group. */
export async function hasSchedules(
  aws: Aws,
  which: { GroupName: string; NamePrefix?: string },
): Promise<boolean> {
  const look = async () => {
    for await (const { Schedules = [] } of paginateListSchedules({ client: scheduler(aws) }, which))
      if (Schedules.length > 0) return true;
    return false;
  };
  return (await orNull(look())) ?? false;
}

/** What a schedule is in that names no group: somebody's own, most likely. EventBridge Scheduler API Reference, CreateSchedule. */
const DEFAULT_GROUP = "default";

/** Messages that somebody has scheduled beside the schedules of files. */
async function hasOwnSchedules(
  aws: Aws,
  scope: StageScope,
  { url, arn }: { url: string; arn: string },
): Promise<boolean> {
  const path = new URL(url).pathname;
  const look = async (GroupName: string) => {
    for await (const { Schedules = [] } of paginateListSchedules({ client: scheduler(aws) }, { GroupName })) {
      for (const { Name, Target } of Schedules) {
        if (Target?.Arn === arn) return true;
        if (!isScheduledMessage(Target?.Arn)) continue;
        const schedule = await orNull(scheduler(aws).send(new GetScheduleCommand({ Name, GroupName })));
        if (schedule && sendsTo(schedule.Target?.Input, path)) return true;
      }
    }
    return false;
  };
  for (const group of [scheduleGroupName(scope), DEFAULT_GROUP]) if (await orNull(look(group))) return true;
  return false;
}

/** @param path - of the queue's URL: whatever its host is */
function sendsTo(input: string | undefined, path: string): boolean {
  try {
    const { QueueUrl }: { QueueUrl?: unknown } = JSON.parse(input ?? "{}");
    return typeof QueueUrl === "string" && new URL(QueueUrl).pathname === path;
  } catch {
    return false;
  }
}
