import { unlessConditionFails } from "../aws/table-condition.js";
import type { TableItem } from "../aws/table-shapes.js";
import type { ErrorDescription } from "../errors/describe-error.js";
import { toEntryItems } from "./entries.js";
import { type ItemChange, number, text, toCondition } from "./expressions.js";
import {
  expiresAtSeconds,
  hasExpired,
  isEnded,
  jsonOf,
  numberOf,
  statusOf,
  textOf,
  toRecordItem,
} from "./record-item.js";
import type { Claim, ClaimAnswer } from "./record-store.js";
import { changeRecord, getRecord, type RecordTable } from "./record-table.js";

/** How often a record may change between being refused and being read. */
const MAX_TRIES = 10;
/** Where it changes still: when its message is to come back. */
const BUSY_MS = 1_000;

/**
 * Claims a job whose turn has come. The first try takes a record that waits, or whose lease has passed; only when that is
 * refused, the record is read.
 */
export async function claimJob(table: RecordTable, claim: Claim): Promise<ClaimAnswer> {
  const isLate = isTooLate(claim, table.now());
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const answer =
      (isLate ? await expire(table, claim) : null) ??
      (await take(table, claim)) ??
      (await judge(table, claim, await getRecord(table, claim), isLate));
    if (!answer) continue;
    if (answer.kind === "over") await table.entries.ofEnded(claim);
    return answer;
  }
  return { kind: "running", leaseUntilMs: table.now() + BUSY_MS };
}

function isTooLate({ expiresSeconds, dueAtMs, createdAtMs }: Claim, nowMs: number): boolean {
  return expiresSeconds !== null && nowMs > (dueAtMs ?? createdAtMs) + expiresSeconds * 1_000;
}

/** @returns null where the record is not one of a job that has never started */
async function expire(table: RecordTable, claim: Claim): Promise<ClaimAnswer | null> {
  const nowMs = table.now();
  const expired = await changeRecord(table, claim, {
    set: expiredNow(claim, nowMs),
    condition: "#status = :pending AND #attempt = :none AND #redrives = :redrives AND #expiresAt > :seconds",
    values: {
      ":pending": text("pending"),
      ":none": number(0),
      ":redrives": number(claim.redrives),
      ":seconds": number(Math.floor(nowMs / 1_000)),
    },
  });
  return expired && { kind: "over", status: "expired" };
}

/** @returns null where the record is not there, or not to be had */
async function take(table: RecordTable, claim: Claim): Promise<ClaimAnswer | null> {
  const nowMs = table.now();
  const change: ItemChange = {
    set: runningNow(claim, nowMs),
    assign: "#attempt = #attempt + :one",
    remove: ["progress", "completedAt"],
    condition:
      "#redrives = :redrives AND #expiresAt > :seconds AND (#status = :pending OR (#status = :running AND #leaseUntil <= :now))",
    values: {
      ":one": number(1),
      ":redrives": number(claim.redrives),
      ":pending": text("pending"),
      ":running": text("running"),
      ":now": number(nowMs),
      ":seconds": number(Math.floor(nowMs / 1_000)),
    },
  };
  const taken = await changeRecord(table, claim, change, { ReturnValues: "UPDATED_NEW" });
  if (!taken) return null;
  const isUsedUp = (numberOf(taken, "attempt") ?? 1) > claim.maxAttempts;
  return claimed(claim, (isUsedUp && (await getRecord(table, claim))) || taken);
}

/** @returns null when the record has changed, so that the claim is to be tried again */
async function judge(
  table: RecordTable,
  claim: Claim,
  item: TableItem | null,
  isLate: boolean,
): Promise<ClaimAnswer | null> {
  if (!item || hasExpired(item, table.now())) return begin(table, claim, null, isLate);
  const redrives = numberOf(item, "redrives") ?? 0;
  if (redrives < claim.redrives) return begin(table, claim, item, isLate);
  // A message of an earlier life: the job that it stood for has failed, and was retried since.
  if (redrives > claim.redrives) return { kind: "over", status: "failed" };
  const status = statusOf(item);
  if (status === "pending") return null;
  if (status !== "running") return { kind: "over", status };
  if (isHeldBy(claim, item)) return claimed(claim, item);
  const leaseUntilMs = numberOf(item, "leaseUntil") ?? 0;
  return leaseUntilMs > table.now() ? { kind: "running", leaseUntilMs } : null;
}

/** The first that is heard of a job, or of its life after it was a dead letter. */
async function begin(
  table: RecordTable,
  claim: Claim,
  before: TableItem | null,
  isLate: boolean,
): Promise<ClaimAnswer | null> {
  const { client, name: TableName, entries } = table;
  const nowMs = table.now();
  const expiresAt = expiresAtSeconds(claim, nowMs);
  const entryItems = isLate ? [] : toEntryItems(claim, claim.leaseToken, expiresAt);
  if (entryItems.length > 0) await client.batchWriteItem({ TableName, Items: entryItems });
  const put = client.putItem({
    TableName,
    Item: {
      ...toRecordItem(claim, "running", isLate ? 0 : 1, nowMs),
      ...(before?.createdAt && { createdAt: before.createdAt }),
      ...(isLate ? expiredNow(claim, nowMs) : runningNow(claim, nowMs)),
    },
    ...toCondition("attribute_not_exists(#pk) OR #expiresAt <= :seconds OR #redrives < :redrives", {
      ":seconds": number(Math.floor(nowMs / 1_000)),
      ":redrives": number(claim.redrives),
    }),
  });
  if (await unlessConditionFails(put.then(() => true)))
    return isLate ? { kind: "over", status: "expired" } : { kind: "claimed", attempt: 1 };
  const item = await getRecord(table, claim);
  if (item && isHeldBy(claim, item)) return claimed(claim, item);
  if (item && isEnded(item)) await entries.ofPush(claim, claim.leaseToken);
  return null;
}

function runningNow(claim: Claim, nowMs: number): TableItem {
  return {
    status: text("running"),
    maxAttempts: number(claim.maxAttempts),
    leaseToken: text(claim.leaseToken),
    leaseUntil: number(claim.leaseUntilMs),
    startedAt: number(nowMs),
    expiresAt: number(expiresAtSeconds(claim, nowMs)),
  };
}

function expiredNow(claim: Claim, nowMs: number): TableItem {
  return {
    status: text("expired"),
    completedAt: number(nowMs),
    expiresAt: number(expiresAtSeconds(claim, nowMs)),
  };
}

function isHeldBy({ leaseToken }: Claim, item: TableItem): boolean {
  return statusOf(item) === "running" && textOf(item, "leaseToken") === leaseToken;
}

/** What a job that has had all of its attempts failed of is known where the last of them was recorded. */
function claimed({ maxAttempts }: Claim, item: TableItem): ClaimAnswer {
  const attempt = numberOf(item, "attempt") ?? 1;
  const isFailed = attempt > maxAttempts && numberOf(item, "failedAttempt") === attempt - 1;
  const failedOf = isFailed ? (jsonOf(item, "error") as ErrorDescription | null) : null;
  return { kind: "claimed", attempt, ...(failedOf && { failedOf }) };
}
