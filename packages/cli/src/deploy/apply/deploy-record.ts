import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import {
  type AttributeValue,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { orNull } from "../aws/aws-failure.js";
import type { Aws } from "../aws/connect.js";
import { dynamodb } from "../aws/dynamodb.js";
import type { DesiredState } from "../desired/desired-state.js";

/** The partition of the stage's table that holds its deploys, oldest first. */
const DEPLOYS_PARTITION = "deploys";
/** What is longer is compressed: an item has at most 400 KB. DynamoDB Developer Guide, "Quotas". */
const LONGEST_PLAIN_TEXT = 100_000;

/** A deploy, as the stage's table keeps it. */
export type DeploySummary = {
  /** Sorts by time: "2026-11-22T10:30:00.000Z-1f3a". */
  id: string;
  /** ISO 8601. */
  at: string;
  /** For people: who deployed, and where. */
  who: string;
  /** "started": it was about to switch; "done": it ended as it should. */
  status: "started" | "done";
  /** The version of each function that it made serve, by function id. */
  versions: Readonly<Record<string, string>>;
  /** The deploy that it made serve again; null: it was one of its own. */
  goesBackTo: string | null;
};

export type DeployRecord = DeploySummary & {
  /** What the stage was to be, without values of variables. */
  desired: DesiredState;
};

/** Writes down a deploy before it makes anything serve. */
export async function startDeployRecord(aws: Aws, table: string, record: DeployRecord): Promise<void> {
  const text = JSON.stringify(withoutValues(record.desired));
  const desired: AttributeValue =
    text.length <= LONGEST_PLAIN_TEXT ? { S: text } : { B: await promisify(gzip)(text) };
  await dynamodb(aws).send(
    new PutItemCommand({
      TableName: table,
      Item: {
        ...keyOf(record.id),
        at: { S: record.at },
        who: { S: record.who },
        status: { S: record.status },
        versions: { S: JSON.stringify(record.versions) },
        ...(record.goesBackTo !== null && { goesBackTo: { S: record.goesBackTo } }),
        desired,
      },
    }),
  );
}

/** Marks a deploy as done. */
export async function finishDeployRecord(aws: Aws, table: string, id: string): Promise<void> {
  await dynamodb(aws).send(
    new UpdateItemCommand({
      TableName: table,
      Key: keyOf(id),
      UpdateExpression: "SET #status = :done",
      ExpressionAttributeNames: { "#status": "status" },
      ExpressionAttributeValues: { ":done": { S: "done" } },
    }),
  );
}

/** @returns the stage's deploys, newest first; none where there is no table */
export async function listDeployRecords(aws: Aws, table: string, limit: number): Promise<DeploySummary[]> {
  const found = await orNull(
    dynamodb(aws).send(
      new QueryCommand({
        TableName: table,
        ConsistentRead: true,
        ScanIndexForward: false,
        Limit: limit,
        KeyConditionExpression: "pk = :deploys",
        ExpressionAttributeValues: { ":deploys": { S: DEPLOYS_PARTITION } },
        ProjectionExpression: "sk, #at, who, #status, versions, goesBackTo",
        ExpressionAttributeNames: { "#at": "at", "#status": "status" },
      }),
    ),
  );
  return (found?.Items ?? []).map(toSummary);
}

/** @returns one deploy; null where it is not recorded */
export async function readDeployRecord(aws: Aws, table: string, id: string): Promise<DeployRecord | null> {
  const found = await orNull(
    dynamodb(aws).send(new GetItemCommand({ TableName: table, Key: keyOf(id), ConsistentRead: true })),
  );
  if (!found?.Item) return null;
  const { S, B } = found.Item.desired ?? {};
  const text = S ?? String(await promisify(gunzip)(B ?? new Uint8Array()));
  return { ...toSummary(found.Item), desired: JSON.parse(text) };
}

function keyOf(id: string): Record<string, AttributeValue> {
  return { pk: { S: DEPLOYS_PARTITION }, sk: { S: id } };
}

function toSummary(item: Record<string, AttributeValue>): DeploySummary {
  return {
    id: item.sk?.S ?? "",
    at: item.at?.S ?? "",
    who: item.who?.S ?? "",
    status: item.status?.S === "done" ? "done" : "started",
    versions: JSON.parse(item.versions?.S ?? "{}"),
    goesBackTo: item.goesBackTo?.S ?? null,
  };
}

/** Variables are kept by name and origin; their values are nobody's to read in a table. */
function withoutValues(desired: DesiredState): DesiredState {
  const functions = desired.functions.map((each) => ({
    ...each,
    environment: { ...each.environment, variables: {} },
  }));
  return { ...desired, functions };
}
