import type { SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { bury, ids, type LocalQueues, startLocalQueues, waiting } from "./buried-jobs.js";
import { remove } from "./dead-letter-queue.js";
import { listDeadLetters } from "./list-dead-letters.js";
import { retryDeadLetters } from "./retry-dead-letters.js";

let queues: LocalQueues;

beforeEach(async () => {
  queues = await startLocalQueues();
});

afterEach(() => queues.stop());

test("every group's jobs go back in their order, also more of a group than one receive gives", async () => {
  const queue = await queues.open("orders.fifo");
  const expected = { a: [] as string[], b: [] as string[] };
  for (let at = 0; at < 26; at++) {
    const group = at % 3 === 0 ? "b" : "a";
    await bury(queue, `job-${at}`, { group });
    expected[group].push(`job-${at}`);
  }
  expect((await retryDeadLetters(queue, "all")).retried).toHaveLength(26);
  const found = { a: [] as string[], b: [] as string[] };
  await retryDeadLetters(
    { ...queue, deadLetterUrl: queue.queueUrl, queueUrl: queue.deadLetterUrl },
    "all",
  ).then(({ retried }) => {
    for (const jobId of retried) found[expected.a.includes(jobId) ? "a" : "b"].push(jobId);
  });
  expect(found).toEqual(expected);
});

test("a job does not overtake an earlier dead letter of its group", async () => {
  const queue = await queues.open("orders.fifo");
  for (const jobId of ["first", "second"]) await bury(queue, jobId);
  await bury(queue, "other", { group: "h" });
  const report = await retryDeadLetters(queue, new Set(["second", "other"]));
  expect(report.retried).toEqual(["other"]);
  expect(report.refused).toEqual([
    { jobId: "second", reason: expect.stringContaining("earlier dead letter") },
  ]);
  expect(ids(await listDeadLetters(queue, 10))).toEqual(["first", "second"]);
});

test("when one cannot be sent, its group waits and the others go", async () => {
  const queue = await queues.open("orders.fifo");
  for (const jobId of ["a1", "a2"]) await bury(queue, jobId, { group: "a" });
  await bury(queue, "b1", { group: "b" });
  const report = await retryDeadLetters(queue, "all", (letter) =>
    letter.jobId === "a1" ? { ...letter, body: "\u0000" } : letter,
  );
  expect(report.retried).toEqual(["b1"]);
  expect(report.refused.map(({ jobId }) => jobId)).toEqual(["a1", "a2"]);
  expect(ids(await waiting(queue))).toEqual(["b1"]);
  expect(ids(await listDeadLetters(queue, 10))).toEqual(["a1", "a2"]);
});

test("a dead letter that could not be deleted holds its group, so that retrying it again overtakes nobody", async () => {
  const queue = await queues.open("orders.fifo");
  for (const jobId of ["a1", "a2"]) await bury(queue, jobId, { group: "a" });
  await bury(queue, "b1", { group: "b" });
  let deletions = 0;
  const firstFails = {
    send: (async (command: { constructor: { name: string }; input: { Entries?: { Id: string }[] } }) => {
      const isFirst = command.constructor.name === "DeleteMessageBatchCommand" && deletions++ === 0;
      if (!isFirst) return queue.sqs.send(command as never);
      const Failed = command.input.Entries?.map(({ Id }) => ({
        Id,
        Code: "InternalError",
        SenderFault: false,
      }));
      return { Failed };
    }) as SQSClient["send"],
  };
  const report = await retryDeadLetters({ ...queue, sqs: firstFails }, "all");
  expect(report.leftBehind.map(({ jobId }) => jobId).sort()).toEqual(["a1", "b1"]);
  expect(report.refused.map(({ jobId }) => jobId)).toEqual(["a2"]);
  expect((await retryDeadLetters(queue, "all")).retried.sort()).toEqual(["a1", "a2", "b1"]);
  const back: string[] = [];
  for (let found = await waiting(queue); found.length > 0; found = await waiting(queue)) {
    back.push(...ids(found));
    await remove({ ...queue, deadLetterUrl: queue.queueUrl }, found);
  }
  expect(back.sort()).toEqual(["a1", "a2", "b1"]);
});

test("retrying again after a deletion that failed does not make a second job", async () => {
  const queue = await queues.open("orders.fifo");
  await bury(queue, "a1");
  const noDelete = {
    send: (async (command: { constructor: { name: string } }) =>
      command.constructor.name === "DeleteMessageBatchCommand"
        ? { Failed: [{ Id: "0", Code: "InternalError", SenderFault: false }] }
        : queue.sqs.send(command as never)) as SQSClient["send"],
  };
  const report = await retryDeadLetters({ ...queue, sqs: noDelete }, "all");
  expect(report.leftBehind).toEqual([{ jobId: "a1", reason: "InternalError" }]);
  expect((await retryDeadLetters(queue, "all")).retried).toEqual(["a1"]);
  expect(ids(await waiting(queue))).toEqual(["a1"]);
  expect(await waiting(queue)).toEqual([]);
});
