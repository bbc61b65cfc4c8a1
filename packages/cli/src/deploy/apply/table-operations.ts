import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTimeToLiveCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
} from "@aws-sdk/client-dynamodb";
import { nameTakenError, resourceSlowError } from "../../errors/deploy-errors.js";
import { readTable } from "../actual/read-table.js";
import { isAwsError, orNull } from "../aws/aws-failure.js";
import type { Aws } from "../aws/connect.js";
import { dynamodb } from "../aws/dynamodb.js";
import { toTagList } from "../aws/tags.js";
import type { DesiredTable, StageScope } from "../desired/desired-state.js";
import { isOurs } from "../desired/resource-tags.js";
import { eventually, lookUntil } from "../waiting.js";
import type { Run } from "./operation.js";
import { NEW_RESOURCE_BUDGET_MS, UPDATE_BUDGET_MS } from "./passing-failures.js";

/** Records end by themselves at this time. */
const TIME_TO_LIVE_ATTRIBUTE = "expiresAt";

export const createTable: Run<"create-table"> = async (operation, { aws, scope, stop }) => {
  await makeTable(aws, operation, scope, stop);
  return "done";
};

/**
 * Makes a stage's table, or takes the one that is ours already.
 *
 * @throws QR_NAME_TAKEN when the table is somebody else's
 */
export async function makeTable(
  aws: Aws,
  { name, tags }: Pick<DesiredTable, "name" | "tags">,
  scope: StageScope,
  stop: AbortSignal,
): Promise<void> {
  const command = new CreateTableCommand({
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [
      { AttributeName: "pk", AttributeType: "S" },
      { AttributeName: "sk", AttributeType: "S" },
    ],
    KeySchema: [
      { AttributeName: "pk", KeyType: "HASH" },
      { AttributeName: "sk", KeyType: "RANGE" },
    ],
    Tags: toTagList(tags),
  });
  let isNew = false;
  const create = async () => {
    try {
      await dynamodb(aws).send(command);
      isNew = true;
    } catch (error) {
      if (!isAwsError(error, "ResourceInUseException")) throw error;
    }
  };
  await create();
  const found = await lookUntil(
    async () => {
      const table = await readTable(aws, name);
      // The one that was in the way was being deleted.
      if (table === null && !isNew) await create();
      return table?.status === "ACTIVE" ? table : undefined;
    },
    { clock: aws.clock, stop, budgetMs: UPDATE_BUDGET_MS },
  );
  if (!found) throw resourceSlowError(`The table ${name}`, "on its way", UPDATE_BUDGET_MS / 1000);
  // Another deploy may have made it a moment ago; anybody else's is left alone.
  if (!isNew && !isOurs(found.tags, scope)) throw nameTakenError("table", name);
  if (!found.keysMatch) throw nameTakenError("table", name, "has other keys");
}

export const enableTimeToLive: Run<"enable-time-to-live"> = async ({ table }, { aws, stop }) => {
  const client = dynamodb(aws);
  const enable = async () => {
    try {
      await client.send(
        new UpdateTimeToLiveCommand({
          TableName: table,
          TimeToLiveSpecification: { Enabled: true, AttributeName: TIME_TO_LIVE_ATTRIBUTE },
        }),
      );
    } catch (error) {
      if (!isAwsError(error, "ValidationException")) throw error;
      const { TimeToLiveDescription } = await client.send(
        new DescribeTimeToLiveCommand({ TableName: table }),
      );
      const status = TimeToLiveDescription?.TimeToLiveStatus;
      if (status !== "ENABLED" && status !== "ENABLING") throw error;
    }
  };
  const isPassing = (error: unknown) =>
    isAwsError(error, "ResourceInUseException", "ResourceNotFoundException");
  await eventually(enable, { clock: aws.clock, stop, budgetMs: NEW_RESOURCE_BUDGET_MS, isPassing });
  return "done";
};

export const billOnDemand: Run<"bill-on-demand"> = async ({ table }, { aws, stop }) => {
  const command = new UpdateTableCommand({ TableName: table, BillingMode: "PAY_PER_REQUEST" });
  await eventually(() => dynamodb(aws).send(command), {
    clock: aws.clock,
    stop,
    budgetMs: UPDATE_BUDGET_MS,
    isPassing: (error) => isAwsError(error, "ResourceInUseException"),
  });
  return "done";
};

export const tagTable: Run<"tag-table"> = async ({ arn, tags, removedTags }, { aws }) => {
  const client = dynamodb(aws);
  await client.send(new TagResourceCommand({ ResourceArn: arn, Tags: toTagList(tags) }));
  if (removedTags.length > 0)
    await client.send(new UntagResourceCommand({ ResourceArn: arn, TagKeys: removedTags }));
  return "done";
};

export const deleteTable: Run<"delete-table"> = async ({ name }, { aws, stop }) => {
  await orNull(
    eventually(() => dynamodb(aws).send(new DeleteTableCommand({ TableName: name })), {
      clock: aws.clock,
      stop,
      budgetMs: UPDATE_BUDGET_MS,
      isPassing: (error) => isAwsError(error, "ResourceInUseException"),
    }),
  );
  return "done";
};
