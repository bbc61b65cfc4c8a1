import {
  CreateScheduleCommand,
  type CreateScheduleCommandInput,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleGroupCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateScheduleCommand,
} from "@aws-sdk/client-scheduler";
import { nameTakenError } from "../../errors/deploy-errors.js";
import { isAwsError, orNull } from "../aws/aws-failure.js";
import { scheduler } from "../aws/scheduler.js";
import { toTagList, toTags } from "../aws/tags.js";
import { isOurs } from "../desired/resource-tags.js";
import { eventually } from "../waiting.js";
import type { Run } from "./operation.js";
import { isRoleLag, ROLE_BUDGET_MS } from "./passing-failures.js";
import { hasSchedules } from "./schedules-aimed-at.js";

export const createScheduleGroup: Run<"create-schedule-group"> = async ({ name, tags }, { aws, scope }) => {
  const client = scheduler(aws);
  try {
    await client.send(new CreateScheduleGroupCommand({ Name: name, Tags: toTagList(tags) }));
  } catch (error) {
    if (!isAwsError(error, "ConflictException")) throw error;
    const { Arn } = await client.send(new GetScheduleGroupCommand({ Name: name }));
    const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceArn: Arn }));
    if (!isOurs(toTags(Tags), scope)) throw nameTakenError("schedule group", name);
  }
  return "done";
};

export const tagScheduleGroup: Run<"tag-schedule-group"> = async ({ arn, tags, removedTags }, { aws }) => {
  const client = scheduler(aws);
  await client.send(new TagResourceCommand({ ResourceArn: arn, Tags: toTagList(tags) }));
  if (removedTags.length > 0)
    await client.send(new UntagResourceCommand({ ResourceArn: arn, TagKeys: removedTags }));
  return "done";
};

export const deleteScheduleGroup: Run<"delete-schedule-group"> = async ({ name }, { aws }) => {
  await orNull(scheduler(aws).send(new DeleteScheduleGroupCommand({ Name: name })));
  return "done";
};

export const deleteEmptyScheduleGroup: Run<"delete-empty-schedule-group"> = async (operation, context) => {
  if (await hasSchedules(context.aws, { GroupName: operation.name })) {
    context.say(`${operation.name} stays, since messages wait in it for their time: run again`, true);
    return "left";
  }
  return deleteScheduleGroup({ type: "delete-schedule-group", name: operation.name }, context);
};

export const putSchedule: Run<"put-schedule"> = async (
  { group, roleArn, schedule, exists },
  { aws, stop, say },
) => {
  const client = scheduler(aws);
  // An update replaces everything, so both say everything.
  const settings: CreateScheduleCommandInput = {
    GroupName: group,
    Name: schedule.name,
    ScheduleExpression: schedule.expression,
    ScheduleExpressionTimezone: schedule.timezone,
    FlexibleTimeWindow: { Mode: "OFF" },
    State: "ENABLED",
    Target: {
      Arn: schedule.targetArn,
      RoleArn: roleArn,
      Input: schedule.input,
      RetryPolicy: {
        MaximumRetryAttempts: schedule.retryPolicy.maximumRetryAttempts,
        MaximumEventAgeInSeconds: schedule.retryPolicy.maximumEventAgeSeconds,
      },
    },
  };
  const create = () => client.send(new CreateScheduleCommand(settings));
  const update = () => client.send(new UpdateScheduleCommand(settings));
  const put = async () => {
    try {
      await (exists ? update() : create());
    } catch (error) {
      if (isAwsError(error, "ConflictException")) await update();
      else if (exists && isAwsError(error, "ResourceNotFoundException")) await create();
      else throw error;
    }
  };
  await eventually(put, {
    clock: aws.clock,
    stop,
    budgetMs: ROLE_BUDGET_MS,
    isPassing: (error) => {
      if (isRoleLag(error)) say(`${schedule.name}: its role is not known everywhere yet`);
      return isRoleLag(error);
    },
  });
  return "done";
};

export const deleteSchedule: Run<"delete-schedule"> = async ({ group, name }, { aws }) => {
  await orNull(scheduler(aws).send(new DeleteScheduleCommand({ GroupName: group, Name: name })));
  return "done";
};
