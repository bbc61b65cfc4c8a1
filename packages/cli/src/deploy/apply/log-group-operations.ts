import {
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { nameTakenError } from "../../errors/deploy-errors.js";
import { readLogGroups } from "../actual/read-log-groups.js";
import { isAwsError, orNull } from "../aws/aws-failure.js";
import { logs } from "../aws/logs.js";
import { logGroupArn } from "../desired/resource-arns.js";
import { isOurs } from "../desired/resource-tags.js";
import { eventually } from "../waiting.js";
import type { OperationContext, Run } from "./operation.js";
import { NEW_RESOURCE_BUDGET_MS } from "./passing-failures.js";

export const createLogGroup: Run<"create-log-group"> = async ({ name, tags }, context) => {
  const { aws, scope } = context;
  try {
    await whenFree(context, () => logs(aws).send(new CreateLogGroupCommand({ logGroupName: name, tags })));
  } catch (error) {
    if (!isAwsError(error, "ResourceAlreadyExistsException")) throw error;
    const found = (await readLogGroups(aws, [name], [])).get(name);
    if (found && !isOurs(found.tags, scope)) throw nameTakenError("log group", name);
  }
  return "done";
};

export const setLogRetention: Run<"set-log-retention"> = async ({ name, retentionDays }, context) => {
  await whenFree(context, () =>
    logs(context.aws).send(
      new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays: retentionDays }),
    ),
  );
  return "done";
};

export const deleteLogGroup: Run<"delete-log-group"> = async ({ name: logGroupName }, context) => {
  await orNull(whenFree(context, () => logs(context.aws).send(new DeleteLogGroupCommand({ logGroupName }))));
  return "done";
};

export const tagLogGroup: Run<"tag-log-group"> = async ({ name, tags, removedTags }, context) => {
  const resourceArn = logGroupArn(context.scope, name);
  const client = logs(context.aws);
  await whenFree(context, () => client.send(new TagResourceCommand({ resourceArn, tags })));
  if (removedTags.length > 0)
    await client.send(new UntagResourceCommand({ resourceArn, tagKeys: removedTags }));
  return "done";
};

/** Two changes of one log group at once: CloudWatch Logs refuses the second. */
async function whenFree({ aws, stop }: OperationContext, attempt: () => Promise<unknown>): Promise<void> {
  const isPassing = (error: unknown) =>
    isAwsError(error, "OperationAbortedException", "ResourceNotFoundException");
  await eventually(attempt, { clock: aws.clock, stop, budgetMs: NEW_RESOURCE_BUDGET_MS, isPassing });
}
