import {
  GetScheduleCommand,
  type GetScheduleCommandOutput,
  GetScheduleGroupCommand,
  ListTagsForResourceCommand,
  paginateListSchedules,
} from "@aws-sdk/client-scheduler";
import { orNull } from "../aws/aws-failure.js";
import type { Aws } from "../aws/connect.js";
import { scheduler } from "../aws/scheduler.js";
import { toTags } from "../aws/tags.js";
import type { StageScope, Tags } from "../desired/desired-state.js";
import { scheduleGroupName, schedulerRoleName } from "../desired/resource-names.js";
import { inParallel } from "../in-parallel.js";
import type { ActualSchedule, ActualScheduling } from "./actual-state.js";
import { readRole } from "./read-role.js";

/** EventBridge Scheduler's own. User Guide, "RetryPolicy". */
const DEFAULT_RETRY_ATTEMPTS = 185;
const DEFAULT_EVENT_AGE_SECONDS = 86_400;

/** A universal target, which says which queue it sends to in its input only; or a queue itself. */
const MESSAGE_TARGET = /:aws-sdk:sqs:sendMessage$|^arn:[^:]+:sqs:/;

/** Whether a schedule is a message that waits for its time, and no schedule of a file's. */
export function isScheduledMessage(targetArn: string | undefined): boolean {
  return MESSAGE_TARGET.test(targetArn ?? "");
}

/** @returns the names of the schedules in a group, messages left out; none where there is no such group */
export async function listScheduleNames(aws: Aws, group: string): Promise<string[]> {
  const list = async () => {
    const names: string[] = [];
    const pages = paginateListSchedules({ client: scheduler(aws) }, { GroupName: group });
    for await (const { Schedules = [] } of pages)
      for (const { Name, Target } of Schedules)
        if (Name !== undefined && !isScheduledMessage(Target?.Arn)) names.push(Name);
    return names;
  };
  return (await orNull(list())) ?? [];
}

/**
 * Reads the schedule group, its role and schedules; null where none of it is there.
 *
 * @param scheduleNames - in the group, as the summary lists them
 */
export async function readScheduling(
  aws: Aws,
  scope: StageScope,
  scheduleNames: readonly string[],
): Promise<ActualScheduling | null> {
  const groupName = scheduleGroupName(scope);
  const [group, role] = await Promise.all([
    readScheduleGroup(aws, groupName),
    readRole(aws, schedulerRoleName(scope)),
  ]);
  if (!group && !role) return null;
  const schedules = await inParallel(group ? scheduleNames : [], 10, async (name) => {
    const schedule = await readSchedule(aws, groupName, name);
    return schedule ? [[name, schedule] as const] : [];
  });
  return { group, role, schedules: Object.fromEntries(schedules.flat()) };
}

/** @returns a schedule group's tags; null where there is none of that name */
export async function readScheduleGroup(aws: Aws, Name: string): Promise<{ tags: Tags } | null> {
  const client = scheduler(aws);
  const found = await orNull(client.send(new GetScheduleGroupCommand({ Name })));
  if (!found?.Arn) return null;
  const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceArn: found.Arn }));
  return { tags: toTags(Tags) };
}

async function readSchedule(aws: Aws, GroupName: string, Name: string): Promise<ActualSchedule | null> {
  const found = await orNull(scheduler(aws).send(new GetScheduleCommand({ GroupName, Name })));
  if (!found) return null;
  const { Target } = found;
  return {
    expression: found.ScheduleExpression ?? "",
    timezone: found.ScheduleExpressionTimezone ?? "UTC",
    targetArn: Target?.Arn ?? "",
    roleArn: Target?.RoleArn ?? "",
    input: Target?.Input ?? "",
    enabled: found.State !== "DISABLED",
    bounds: boundsOf(found),
    retryPolicy: {
      maximumRetryAttempts: Target?.RetryPolicy?.MaximumRetryAttempts ?? DEFAULT_RETRY_ATTEMPTS,
      maximumEventAgeSeconds: Target?.RetryPolicy?.MaximumEventAgeInSeconds ?? DEFAULT_EVENT_AGE_SECONDS,
    },
  };
}

function boundsOf({ FlexibleTimeWindow, StartDate, EndDate }: GetScheduleCommandOutput): string | null {
  const { Mode = "OFF", MaximumWindowInMinutes } = FlexibleTimeWindow ?? {};
  const bounds = [
    ...(Mode === "OFF" ? [] : [`up to ${MaximumWindowInMinutes} min late`]),
    ...(StartDate ? [`from ${StartDate.toISOString()}`] : []),
    ...(EndDate ? [`until ${EndDate.toISOString()}`] : []),
  ];
  return bounds.length > 0 ? bounds.join(", ") : null;
}
