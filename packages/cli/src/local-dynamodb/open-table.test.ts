import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MemoryDatabase } from "./memory-database.js";
import { openStoredTable } from "./open-stored-table.js";
import { type LocalTable, openTable } from "./open-table.js";

const NAME = "records";
const NOW_MS = Date.UTC(2026, 10, 22);

let directory: string;
let table: LocalTable;

const open = (fresh = false) => openStoredTable({ directory, name: NAME, fresh, now: () => NOW_MS });

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "queue-run-table-"));
  table = await open();
});

afterEach(async () => {
  await table.close();
  rmSync(directory, { recursive: true });
});

async function restart(fresh = false): Promise<void> {
  await table.close();
  table = await open(fresh);
}

async function call(operation: string, input: object) {
  const { status, body } = await table.call(operation, JSON.stringify({ TableName: NAME, ...input }));
  return { status, ...JSON.parse(body) };
}

const key = (pk: string, sk = "job") => ({ pk: { S: pk }, sk: { S: sk } });
const put = (Item: object) => call("PutItem", { Item });
const get = async (pk: string, sk?: string) => (await call("GetItem", { Key: key(pk, sk) })).Item;

test("a condition that does not hold changes nothing", async () => {
  await put({ ...key("job#mail#1"), status: { S: "cancelled" } });
  const claim = {
    Key: key("job#mail#1"),
    UpdateExpression: "SET #status = :running ADD attempt :one",
    ConditionExpression: "attribute_not_exists(pk) OR #status = :pending",
    ExpressionAttributeNames: { "#status": "status" },
    ExpressionAttributeValues: {
      ":running": { S: "running" },
      ":pending": { S: "pending" },
      ":one": { N: "1" },
    },
  };
  expect(await call("UpdateItem", claim)).toMatchObject({
    status: 400,
    __type: "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
  });
  expect(await get("job#mail#1")).toMatchObject({ status: { S: "cancelled" } });
  expect(await call("UpdateItem", { ...claim, Key: key("job#mail#2") })).toMatchObject({ status: 200 });
  expect(await get("job#mail#2")).toMatchObject({ status: { S: "running" }, attempt: { N: "1" } });
});

test("of many claims at once, one wins", async () => {
  const claims = Array.from({ length: 20 }, (_, index) =>
    call("UpdateItem", {
      Key: key("job#mail#1"),
      UpdateExpression: "SET leaseHolder = :owner",
      ConditionExpression: "attribute_not_exists(leaseHolder)",
      ExpressionAttributeValues: { ":owner": { S: `claim ${index}` } },
    }),
  );
  const answers = await Promise.all(claims);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(await get("job#mail#1")).toMatchObject({ leaseHolder: { S: "claim 0" } });
});

test("finds the items of one key only, in order, page by page, either way round", async () => {
  const ids = Array.from({ length: 30 }, (_, index) => String(index).padStart(3, "0"));
  for (const id of ids) await put(key("tag#mail#a", id));
  await put(key("tag#mail#b", "000"));
  const query = async (input: object) =>
    call("Query", {
      KeyConditionExpression: "pk = :pk",
      ExpressionAttributeValues: { ":pk": { S: "tag#mail#a" } },
      ...input,
    });
  const idsOf = ({ Items }: { Items: { sk: { S: string } }[] }) => Items.map(({ sk }) => sk.S);
  expect(idsOf(await query({}))).toEqual(ids);
  expect(idsOf(await query({ ScanIndexForward: false }))).toEqual(ids.toReversed());
  const first = await query({ Limit: 20 });
  expect(idsOf(first)).toEqual(ids.slice(0, 20));
  expect(idsOf(await query({ ExclusiveStartKey: first.LastEvaluatedKey }))).toEqual(ids.slice(20));
  const some = {
    KeyConditionExpression: "pk = :pk AND begins_with(sk, :start)",
    ExpressionAttributeValues: { ":pk": { S: "tag#mail#a" }, ":start": { S: "01" } },
  };
  expect(idsOf(await query(some))).toEqual(ids.slice(10, 20));
});

test("keeps what was answered, and forgets it when it is to start anew", async () => {
  await put({ ...key("job#mail#1"), result: { S: "née 🚀" } });
  await restart();
  expect(await get("job#mail#1")).toEqual({ ...key("job#mail#1"), result: { S: "née 🚀" } });
  await restart(true);
  expect(await get("job#mail#1")).toBeUndefined();
});

test("after a restart, jobs that ran may be claimed, connections are gone, and what has expired too", async () => {
  const lease = { leaseUntil: { N: String(NOW_MS + 60_000) }, leaseToken: { S: "request/1" } };
  await put({ ...key("job#mail#1"), status: { S: "running" }, ...lease });
  await put({ ...key("schedule#daily", "lease"), ...lease });
  await put(key("connection#c1", "connection"));
  await put(key("user#ada", "connection#c1"));
  await put({ ...key("job#mail#2"), expiresAt: { N: String(NOW_MS / 1_000 - 1) } });
  await restart();
  expect(await get("job#mail#1")).toMatchObject({ status: { S: "running" }, leaseUntil: { N: "0" } });
  expect(await get("schedule#daily", "lease")).toMatchObject(lease);
  const { Items } = await call("Scan", {});
  expect(Items).toHaveLength(2);
});

test("lets go of the leases of one request only", async () => {
  const held = (token: string) => ({
    status: { S: "running" },
    leaseUntil: { N: String(NOW_MS + 1) },
    leaseToken: { S: token },
  });
  await put({ ...key("job#mail#1"), ...held("dead/1") });
  await put({ ...key("job#mail#2"), ...held("alive/1") });
  await table.releaseLeases("dead/");
  expect(await get("job#mail#1")).toMatchObject({ leaseUntil: { N: "0" } });
  expect(await get("job#mail#2")).toMatchObject(held("alive/1"));
});

test("refuses what it does not have, and what is no JSON", async () => {
  expect(await call("TransactWriteItems", {})).toMatchObject({
    status: 400,
    __type: "com.amazon.coral.service#UnknownOperationException",
  });
  expect(await call("GetItem", { TableName: "another", Key: key("a") })).toMatchObject({
    status: 400,
    __type: "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
  });
  expect(await table.call("GetItem", "{")).toMatchObject({ status: 400 });
});

test("a second server on the same folder is refused", async () => {
  await expect(open()).rejects.toMatchObject({ code: "QR_LOCAL_STORE_LOCKED" });
});

test("is the same in memory", async () => {
  const memory = await openTable({ database: new MemoryDatabase(), name: NAME, now: () => NOW_MS });
  const stored = table;
  const tables = [memory, stored];
  const both = async (operation: string, input: object) => {
    const answers = tables.map((each) => each.call(operation, JSON.stringify({ TableName: NAME, ...input })));
    const [first, second] = await Promise.all(answers);
    expect(first).toEqual(second);
    return JSON.parse(first?.body ?? "");
  };
  for (const id of ["b", "a", "ü", "ab"])
    await both("PutItem", { Item: { ...key("tag#q#t", id), id: { S: id } } });
  await both("DeleteItem", { Key: key("tag#q#t", "a") });
  await both("Scan", {});
  const query = {
    KeyConditionExpression: "pk = :pk AND sk > :sk",
    ExpressionAttributeValues: { ":pk": { S: "tag#q#t" }, ":sk": { S: "ab" } },
  };
  expect((await both("Query", query)).Count).toBe(2);
  await both("Query", { ...query, ScanIndexForward: false, Limit: 1 });
});
