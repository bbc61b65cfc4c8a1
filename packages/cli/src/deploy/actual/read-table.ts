import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  ListTagsOfResourceCommand,
  type TableDescription,
} from "@aws-sdk/client-dynamodb";
import { orNull } from "../aws/aws-failure.js";
import type { Aws } from "../aws/connect.js";
import { dynamodb } from "../aws/dynamodb.js";
import { toTags } from "../aws/tags.js";
import type { ActualTable } from "./actual-state.js";

/** Reads a table in detail; null where there is none. */
export async function readTable(aws: Aws, name: string): Promise<ActualTable | null> {
  const client = dynamodb(aws);
  const described = await orNull(client.send(new DescribeTableCommand({ TableName: name })));
  const table = described?.Table;
  if (!table) return null;
  const more = await orNull(
    Promise.all([
      client.send(new DescribeTimeToLiveCommand({ TableName: name })),
      client.send(new ListTagsOfResourceCommand({ ResourceArn: table.TableArn })),
    ]),
  );
  // It went meanwhile.
  if (!more) return null;
  const [timeToLive, tags] = more;
  const status = timeToLive.TimeToLiveDescription?.TimeToLiveStatus;
  const isOn = status === "ENABLED" || status === "ENABLING";
  return {
    status: table.TableStatus ?? "UNKNOWN",
    keysMatch: hasOurKeys(table),
    onDemand: table.BillingModeSummary?.BillingMode === "PAY_PER_REQUEST",
    timeToLive: status === "DISABLING" ? "changing" : isOn ? "enabled" : "disabled",
    tags: toTags(tags.Tags),
  };
}

function hasOurKeys({ KeySchema = [], AttributeDefinitions = [] }: TableDescription): boolean {
  const types = new Map(AttributeDefinitions.map((each) => [each.AttributeName, each.AttributeType]));
  const keys = KeySchema.map(
    ({ AttributeName, KeyType }) => `${KeyType} ${AttributeName} ${types.get(AttributeName)}`,
  );
  return keys.sort().join() === "HASH pk S,RANGE sk S";
}
