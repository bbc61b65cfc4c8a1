import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { decodeEnvelope } from "../../../packages/runtime/src/queue/envelope.js";
import { bindQueues } from "../../../packages/runtime/src/queue/queues.js";
import { successOf } from "../../../packages/runtime/src/queue/testing/recording-sqs.js";
import { refuseSends, startTrackedProject, type TrackedProject } from "./tracked-project.js";

const queues = bindQueues({ queue: null, fifo: false });
const mail = queues.get("mail");
const orders = queues.get("orders.fifo");
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

let project: TrackedProject;

beforeEach(async () => {
  project = await startTrackedProject({
    mail: { track: true, jobs: ["default", "remind"] },
    "orders.fifo": { track: true },
    small: { track: true, maxPending: 2 },
    plain: {},
  });
});
afterEach(() => project.stop());

function sent() {
  return project.sqs.messages().map((message) => ({
    body: message.MessageBody,
    group: message.MessageGroupId,
    deduplicationId: message.MessageDeduplicationId,
    envelope: decodeEnvelope(message.MessageAttributes?.["queue-run"]?.StringValue),
  }));
}

test("a push is on record before it is sent, under an id of ours that its message has", async () => {
  let wasRecorded = false;
  project.sqs.answerWith(() => {
    wasRecorded = project.tableCalls.includes("BatchWriteItem");
    return false;
  });
  const before = Date.now();
  const jobId = await mail.job("remind").tag("t").delay(60).push({ a: 1 }, { retries: 2 });
  expect(jobId).toMatch(UUID);
  expect(wasRecorded).toBe(true);
  expect(sent()).toMatchObject([{ body: '{"a":1}', envelope: { jobId, tag: "t", job: "remind" } }]);
  const status = await mail.status(jobId);
  expect(status).toEqual({
    jobId,
    queueName: "mail",
    job: "remind",
    status: "pending",
    attempt: 0,
    maxAttempts: 3,
    tag: "t",
    progress: null,
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    dueAt: expect.any(String),
    startedAt: null,
    completedAt: null,
    result: null,
    error: null,
  });
  expect(Date.parse(status?.createdAt ?? "")).toBeGreaterThanOrEqual(before);
  expect(Date.parse(status?.dueAt ?? "") - Date.parse(status?.createdAt ?? "")).toBe(60_000);
});

test("pushes of one turn share the requests to the table and to SQS", async () => {
  await Promise.all([mail.push(1), mail.push(2), mail.pushAll([3, 4]), mail.tag("t").push(5)]);
  expect(project.tableCalls).toEqual(["BatchWriteItem", "BatchWriteItem"]);
  expect(project.sqs.calls.map(({ operation }) => operation)).toEqual(["SendMessageBatch"]);
  expect(
    sent()
      .map(({ body }) => body)
      .sort(),
  ).toEqual(["1", "2", "3", "4", "5"]);
});

test("a queue that is not tracked asks the table nothing", async () => {
  await queues.get("plain").pushAll([1, 2]);
  expect(project.tableCalls).toEqual([]);
});

test("jobs of a FIFO group are sent in the order of their pushes, however long their records take", async () => {
  let writes = 0;
  project.beforeTable = () => sleep(writes++ === 0 ? 50 : 0);
  const pushes: Promise<string>[] = [];
  for (let number = 0; number < 30; number++) {
    pushes.push(
      orders
        .group(`g${number % 3}`)
        .dedupe(false)
        .push(number),
    );
    if (number % 4 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(pushes);
  for (const group of ["g0", "g1", "g2"]) {
    const numbers = sent()
      .filter((message) => message.group === group)
      .map(({ body }) => Number(body));
    expect(numbers).toHaveLength(10);
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  }
});

test("a refused send rejects, and leaves no record; others of its request are not concerned", async () => {
  refuseSends(project.sqs);
  await expect(mail.tag("t").push(1)).rejects.toMatchObject({ code: "QR_SEND_FAILED" });
  expect(await project.table.items()).toEqual([]);
  project.sqs.answerWith((call, response) => {
    const isBad = ({ MessageBody }: { MessageBody: string }) => MessageBody === "2";
    const { Entries = [] } = call.input;
    const good = { ...call, input: { ...call.input, Entries: Entries.filter((entry) => !isBad(entry)) } };
    const Failed = Entries.filter(isBad).map(({ Id }) => ({ Id, Code: "Refused", SenderFault: true }));
    response.end(JSON.stringify({ ...successOf(good, () => "m"), Failed }));
    return true;
  });
  const outcomes = await Promise.allSettled([mail.push(1), mail.push(2), mail.push(3)]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(await project.table.items()).toHaveLength(2);
});

test("a refused send whose message has arrived all the same, and whose job has started, is a push that succeeded", async () => {
  refuseSends(project.sqs, async () => {
    const [record] = await project.table.items();
    const id = record?.jobId;
    await project.claim("mail", id && "S" in id ? id.S : "");
  });
  const jobId = await mail.push(1);
  expect((await mail.status(jobId))?.status).toBe("running");
});

test("without its record nothing is sent", async () => {
  project.beforeTable = () => {
    throw Object.assign(new Error("The table is away"), { name: "ResourceNotFoundException" });
  };
  await expect(mail.push(1)).rejects.toMatchObject({
    code: "QR_RECORDS_UNREACHABLE",
    message: expect.stringContaining("The table is away"),
  });
  expect(project.sqs.calls).toEqual([]);
});

test("a record that could not be written in time is not left behind", async () => {
  project.beforeTable = (operation, body) => {
    if (operation === "BatchWriteItem" && body.includes('"tag#')) return;
    if (operation === "DeleteItem") return;
    throw new Error("away");
  };
  await expect(mail.tag("t").push(1)).rejects.toMatchObject({ code: "QR_RECORDS_UNREACHABLE" });
  expect(await project.table.items()).toEqual([]);
});

test("on a FIFO queue a repeated push gives the first one's id, which deduplicates; the user's own id travels", async () => {
  const group = orders.group("g");
  const first = await group.dedupe("order-1").push({ a: 1 });
  expect(await group.dedupe("order-1").push({ a: 1 })).toBe(first);
  expect(await orders.group("other").dedupe("order-1").push({ a: 1 })).not.toBe(first);
  expect(sent().slice(0, 2)).toMatchObject([
    { deduplicationId: first, envelope: { jobId: first, dedupeId: "order-1" } },
    { deduplicationId: first, envelope: { jobId: first, dedupeId: "order-1" } },
  ]);
  const [one, same, otherJob, otherOne] = await Promise.all([
    group.push("x"),
    group.push("x"),
    group.push("y"),
    group.dedupe(false).push("x"),
  ]);
  expect(same).toBe(one);
  expect(new Set([one, otherJob, otherOne]).size).toBe(3);
  expect((await project.table.items()).filter(({ sk }) => sk && "S" in sk && sk.S === "job")).toHaveLength(5);
});

test("a repeated push whose send is refused leaves the first one's record", async () => {
  const push = () => orders.group("g").dedupe("d").push(1);
  const jobId = await push();
  refuseSends(project.sqs);
  await expect(push()).rejects.toMatchObject({ code: "QR_SEND_FAILED" });
  expect((await orders.status(jobId))?.status).toBe("pending");
});

test("a full group takes no more until one of its jobs starts; other groups do, and nothing is left behind", async () => {
  const small = queues.get("small");
  const [first] = await small.group("a").pushAll([1, 2]);
  const before = (await project.table.items()).length;
  await expect(small.group("a").push(3)).rejects.toMatchObject({
    code: "QR_PENDING_LIMIT",
    details: { limit: 2, group: "a" },
  });
  await expect(small.group("a").pushAll([3, 4])).rejects.toMatchObject({
    code: "QR_PENDING_LIMIT",
    details: { jobIds: [null, null] },
  });
  expect(await project.table.items()).toHaveLength(before);
  expect(sent()).toHaveLength(2);
  await small.group("b").pushAll([1, 2]);
  await small.push(1);
  await project.claim("small", first ?? "", { groupId: "a", isCounted: true });
  await small.group("a").push(3);
  await expect(small.group("a").push(4)).rejects.toMatchObject({ code: "QR_PENDING_LIMIT" });
});

test("of many pushes at once no more are taken than the limit has room for", async () => {
  const small = queues.get("small");
  const outcomes = await Promise.allSettled(
    Array.from({ length: 12 }, async (_, index) => {
      for (let turns = index % 4; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
      return small.push(index);
    }),
  );
  const taken = outcomes.filter(({ status }) => status === "fulfilled").length;
  expect(taken).toBeLessThanOrEqual(2);
  expect(sent()).toHaveLength(taken);
  const records = (await project.table.items()).filter(({ sk }) => sk && "S" in sk && sk.S === "job");
  expect(records).toHaveLength(taken);
});

test("what is due in an hour is on record, and its cancellation takes the schedule back", async () => {
  const jobId = await mail.tag("t").delay("1h").push(1);
  expect(project.schedulerCalls).toEqual([expect.stringMatching(`POST /schedules/.*${jobId}`)]);
  expect(sent()).toEqual([]);
  expect((await mail.status(jobId))?.status).toBe("pending");
  expect(await mail.cancel("t")).toEqual({ cancelled: 1 });
  expect(project.schedulerCalls[1]).toMatch(new RegExp(`^DELETE /schedules/.*${jobId}`));
  const soon = await mail.tag("t").delay("10m").push(1);
  expect(await mail.cancel({ jobId: soon })).toEqual({ cancelled: 1 });
  expect(project.schedulerCalls).toHaveLength(2);
});
