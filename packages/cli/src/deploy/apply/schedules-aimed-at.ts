import { GetScheduleCommand, paginateListSchedules } from "@aws-sdk/client-scheduler";
import { isScheduledMessage } from "../actual/read-scheduling.js";
import { orNull } from "../aws/aws-failure.js";
import type { Aws } from "../aws/connect.js";
import { scheduler } from "../aws/scheduler.js";

/**
 * Whether a message is scheduled to be sent to a queue: such a schedule is a message that waits.
 *
 * @param group - the stage's
 */
export async function hasSchedulesAimedAt(
  aws: Aws,
  group: string,
  { url, arn }: { url: string; arn: string },
): Promise<boolean> {
  const look = async () => {
    const path = new URL(url).pathname;
    for await (const { Schedules = [] } of paginateListSchedules(
      { client: scheduler(aws) },
      { GroupName: group },
    )) {
      for (const { Name, Target } of Schedules) {
        if (Target?.Arn === arn) return true;
        if (!isScheduledMessage(Target?.Arn)) continue;
        const schedule = await orNull(
          scheduler(aws).send(new GetScheduleCommand({ Name, GroupName: group })),
        );
        if (schedule && sendsTo(schedule.Target?.Input, path)) return true;
      }
    }
    return false;
  };
  return (await orNull(look())) ?? false;
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
