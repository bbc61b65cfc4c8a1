import { type AttributeValue, QueryCommand } from "@aws-sdk/client-dynamodb";
import { awsReason, isAwsError, orNull } from "../aws/aws-failure.js";
import type { Aws } from "../aws/connect.js";
import { dynamodb } from "../aws/dynamodb.js";
import { watchServerTime } from "../aws/server-time.js";
import type { Addresses } from "../desired/addresses.js";
import type { UnitId } from "../desired/desired-state.js";

/** The partition of the stage's table that belongs to deploying. */
export const DEPLOY_PARTITION = "deploy";
/** Sort keys in it. */
export const STATE_ITEM = "state";
export const LEASE_ITEM = "lease";

/** What deploys leave in the stage's table for the next one. */
export type StageItems = Addresses & {
  /** The hash of each unit as the last deploy that finished it recorded it. */
  recorded: Readonly<Record<UnitId, string>>;
  /** The version of each function that serves, by function id. */
  live: Readonly<Record<string, string>>;
  lease: LeaseItem | null;
  /** DynamoDB's own time when it answered, in milliseconds since 1970; null where there is no table. */
  serverTimeMs: number | null;
};

/** Who may change the stage, until when. */
export type LeaseItem = {
  /** Distinct for each deploy. */
  owner: string;
  /** For people: "arn:aws:iam::1:user/ada on laptop". */
  who: string;
  /** ISO 8601. */
  since: string;
  /** By DynamoDB's clock, in milliseconds since 1970. 0: given back. */
  endsAtMs: number;
  /** Counts the leases of the stage, so that what an older one writes late can be told. */
  generation: number;
};

/**
 * Reads the hashes and the lease with one consistent call. A table that is not there has neither, nor has one with
 * other keys, which is somebody else's: planning says so.
 */
export async function readStageItems(aws: Aws, table: string): Promise<StageItems> {
  const command = new QueryCommand({
    TableName: table,
    ConsistentRead: true,
    KeyConditionExpression: "pk = :deploy",
    ExpressionAttributeValues: { ":deploy": { S: DEPLOY_PARTITION } },
  });
  const serverTimeMs = watchServerTime(command);
  const answer = await orNull(dynamodb(aws).send(command)).catch((error: unknown) => {
    if (isAwsError(error, "ValidationException") && /key schema|Query condition/i.test(awsReason(error)))
      return null;
    throw error;
  });
  const items = new Map(answer?.Items?.map((item) => [item.sk?.S, item]));
  const state = items.get(STATE_ITEM);
  return {
    recorded: toStrings(state?.hashes),
    live: toStrings(state?.live),
    url: state?.url?.S ?? null,
    socketUrl: state?.socketUrl?.S ?? null,
    lease: toLease(items.get(LEASE_ITEM)),
    serverTimeMs: answer ? serverTimeMs() : null,
  };
}

function toLease(item: Record<string, AttributeValue> | undefined): LeaseItem | null {
  if (!item) return null;
  return {
    owner: item.owner?.S ?? "",
    who: item.who?.S ?? "",
    since: item.since?.S ?? "",
    endsAtMs: Number(item.endsAtMs?.N ?? 0),
    generation: Number(item.generation?.N ?? 0),
  };
}

function toStrings(value: AttributeValue | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value?.M ?? {}).flatMap(([name, { S }]) => (S === undefined ? [] : [[name, S]])),
  );
}
