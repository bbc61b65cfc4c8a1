import { randomUUID } from "node:crypto";
import { PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { deployInProgressError, leaseLostError } from "../../errors/deploy-errors.js";
import { DEPLOY_PARTITION, LEASE_ITEM, type LeaseItem, readStageItems } from "../actual/stage-items.js";
import { isAwsError } from "../aws/aws-failure.js";
import type { Aws } from "../aws/connect.js";
import { dynamodb } from "../aws/dynamodb.js";

/** How long a lease lasts beyond its last renewal: that long a stage waits for a deploy that died. */
const LEASE_MS = 60_000;
const RENEWAL_MS = 15_000;
/** A lease is taken for lost this long before it ends, since clocks and calls are not exact. */
const MARGIN_MS = 5_000;
const CONDITION_FAILED = "ConditionalCheckFailedException";

/** The right to change a stage, for as long as it is held. */
export type Lease = {
  /** Higher than that of every lease before it. */
  generation: number;
  /** Aborted when the lease is lost, with the error that says so. */
  lost: AbortSignal;
  /** Gives it back; never throws, since it ends by itself. */
  release: () => Promise<void>;
};

/**
 * Takes the lease of a stage, and renews it until it is given back.
 *
 * @param table - the stage's, which is there
 * @param who - for people: who deploys, and where
 * @throws QR_DEPLOY_IN_PROGRESS when somebody else has it
 */
export async function takeLease(aws: Aws, table: string, who: string): Promise<Lease> {
  const items = await readStageItems(aws, table);
  const nowMs = items.serverTimeMs ?? aws.clock.now();
  const { lease: before } = items;
  if (before && before.endsAtMs > nowMs) throw inProgress(before, nowMs);
  const mine: LeaseItem = {
    owner: randomUUID(),
    who,
    since: new Date(nowMs).toISOString(),
    endsAtMs: nowMs + LEASE_MS,
    generation: (before?.generation ?? 0) + 1,
  };
  // Every estimate of AWS's time starts at what it said last, and goes on by this machine's own clock.
  const aheadMs = nowMs - aws.clock.now();
  await put(aws, table, mine, before);
  return hold(aws, table, mine, aheadMs);
}

async function put(aws: Aws, table: string, mine: LeaseItem, before: LeaseItem | null): Promise<void> {
  const command = new PutItemCommand({
    TableName: table,
    Item: {
      pk: { S: DEPLOY_PARTITION },
      sk: { S: LEASE_ITEM },
      owner: { S: mine.owner },
      who: { S: mine.who },
      since: { S: mine.since },
      endsAtMs: { N: String(mine.endsAtMs) },
      generation: { N: String(mine.generation) },
    },
    ConditionExpression: before
      ? "attribute_not_exists(pk) OR (#owner = :owner AND endsAtMs = :endsAtMs)"
      : "attribute_not_exists(pk)",
    ...(before && {
      ExpressionAttributeNames: { "#owner": "owner" },
      ExpressionAttributeValues: {
        ":owner": { S: before.owner },
        ":endsAtMs": { N: String(before.endsAtMs) },
      },
    }),
  });
  try {
    await dynamodb(aws).send(command);
  } catch (error) {
    if (!isAwsError(error, CONDITION_FAILED)) throw error;
    const items = await readStageItems(aws, table);
    // The answer to a write of ours may have been lost, and the write sent again.
    if (items.lease?.owner === mine.owner) return;
    throw inProgress(items.lease, items.serverTimeMs ?? aws.clock.now());
  }
}

function hold(aws: Aws, table: string, mine: LeaseItem, aheadMs: number): Lease {
  const lost = new AbortController();
  const { clock } = aws;
  let endsAtMs = mine.endsAtMs;
  let isHeld = true;
  let cancel = () => {};
  let renewal: Promise<void> = Promise.resolve();

  const remainingMs = () => endsAtMs - (clock.now() + aheadMs);
  const lose = (cause: unknown) => {
    if (!isHeld) return;
    isHeld = false;
    cancel();
    lost.abort(leaseLostError(cause));
  };
  const renew = async () => {
    const wantedMs = clock.now() + aheadMs + LEASE_MS;
    try {
      await write(aws, table, mine, wantedMs);
      endsAtMs = wantedMs;
    } catch (error) {
      if (isAwsError(error, CONDITION_FAILED) || remainingMs() <= MARGIN_MS) lose(error);
    }
    schedule();
  };
  const schedule = () => {
    if (!isHeld) return;
    // A machine that slept through the lease's end must not go on when it wakes.
    const cancelWatch = clock.at(clock.now() + remainingMs() - MARGIN_MS, () => lose(undefined));
    const cancelRenewal = clock.at(clock.now() + RENEWAL_MS, () => {
      renewal = renew();
    });
    cancel();
    cancel = () => {
      cancelWatch();
      cancelRenewal();
    };
  };
  schedule();
  return {
    generation: mine.generation,
    lost: lost.signal,
    async release() {
      if (!isHeld) return;
      isHeld = false;
      cancel();
      await renewal;
      await write(aws, table, mine, 0).catch(() => {});
    },
  };
}

/** Sets the end of a lease that is still ours. 0 gives it back. */
async function write(aws: Aws, table: string, mine: LeaseItem, endsAtMs: number): Promise<void> {
  await dynamodb(aws).send(
    new UpdateItemCommand({
      TableName: table,
      Key: { pk: { S: DEPLOY_PARTITION }, sk: { S: LEASE_ITEM } },
      UpdateExpression: "SET endsAtMs = :endsAtMs",
      ConditionExpression: "#owner = :owner",
      ExpressionAttributeNames: { "#owner": "owner" },
      ExpressionAttributeValues: { ":owner": { S: mine.owner }, ":endsAtMs": { N: String(endsAtMs) } },
    }),
  );
}

function inProgress(lease: LeaseItem | null, nowMs: number) {
  return deployInProgressError({
    who: lease?.who ?? "somebody else",
    since: lease?.since ?? new Date(nowMs).toISOString(),
    endsInSeconds: Math.max(1, Math.ceil(((lease?.endsAtMs ?? nowMs) - nowMs) / 1000)),
  });
}
