import type { ScheduleDefinition } from "../../project/manifest.js";
import { awsSchedules } from "../../schedules/aws-schedules.js";
import type { DesiredScheduling, StageScope, Tags } from "./desired-state.js";
import { liveArn, roleArn, scheduleGroupArn } from "./resource-arns.js";
import {
  functionName,
  rolePath,
  scheduleGroupName,
  scheduleName,
  schedulerRoleName,
} from "./resource-names.js";
import { resourceTags } from "./resource-tags.js";
import { schedulerTrust } from "./scheduler-trust.js";

/**
 * When an invocation fails to be accepted, EventBridge Scheduler tries again; a schedule that is far too late is worse
 * than one left out.
 */
const RETRY_POLICY = { maximumRetryAttempts: 10, maximumEventAgeSeconds: 3_600 };

export const SCHEDULING_UNIT = "scheduling";

/** @returns null where no schedule ever runs */
export function desiredScheduling(
  schedules: readonly ScheduleDefinition[],
  scope: StageScope,
  ownTags: Tags,
): DesiredScheduling | null {
  const targets = schedules.flatMap((schedule) => {
    const targetArn = liveArn(scope, functionName(scope, `schedule:${schedule.name}`));
    return awsSchedules(schedule).map((each) => ({
      name: scheduleName(schedule.name, each.nameSuffix),
      scheduleName: schedule.name,
      expression: each.scheduleExpression,
      timezone: each.scheduleExpressionTimezone,
      targetArn,
      input: each.input,
      retryPolicy: RETRY_POLICY,
    }));
  });
  if (targets.length === 0) return null;
  const path = rolePath(scope);
  const groupName = scheduleGroupName(scope);
  const groupArn = scheduleGroupArn(scope, groupName);
  const roleName = schedulerRoleName(scope);
  return {
    unit: SCHEDULING_UNIT,
    group: { name: groupName, arn: groupArn, tags: resourceTags(scope, ownTags, "schedule-group") },
    role: {
      name: roleName,
      path,
      arn: roleArn(scope, path, roleName),
      trust: schedulerTrust(scope, groupArn),
      statements: [
        {
          Effect: "Allow",
          Action: ["lambda:InvokeFunction"],
          Resource: [...new Set(targets.map(({ targetArn }) => targetArn))].sort(),
        },
      ],
      tags: resourceTags(scope, ownTags, "role", SCHEDULING_UNIT),
    },
    schedules: targets,
  };
}
