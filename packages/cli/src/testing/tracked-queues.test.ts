import { bindQueues } from "@queue-run/runtime/bind";
import { expect, test } from "vitest";
import { startTestProject } from "./testing-project.js";

const exportsQueue = `
  import { queues } from "queue-run";
  export const queue = queues.self();
  export const config = { track: true, retries: 1, backoff: "none", expires: "1h" };
  export default async function (payload, { progress, attempt }) {
    note(payload, attempt);
    await progress({ half: true });
    if (payload.fail) throw new Error("no");
    return { done: payload.n };
  }
`;
const files = { "queues/exports.ts": exportsQueue, "queues/in.fifo.ts": exportsQueue };
const exported = bindQueues({ queue: null, fifo: false }).get("exports");

test("tracked queues keep records, whose times are the project's", async () => {
  const { project } = await startTestProject(files);
  const jobId = await project.push("exports", { n: 5 }, { delay: "5m" });
  expect(await exported.status(jobId)).toMatchObject({
    status: "pending",
    dueAt: "2027-01-01T12:05:00.000Z",
  });
  await project.clock.advance("10m");
  expect(await exported.status(jobId)).toMatchObject({
    status: "completed",
    attempt: 1,
    progress: { half: true },
    createdAt: "2027-01-01T12:00:00.000Z",
    completedAt: "2027-01-01T12:05:00.000Z",
  });
  expect(await exported.result(jobId)).toEqual({ done: 5 });

  const failing = await project.push("exports", { fail: true });
  await project.clock.advance("1m");
  expect(await exported.status(failing)).toMatchObject({
    status: "failed",
    attempt: 2,
    error: { message: "no" },
  });
});

test("tracked queues have jobs cancelled, however long their delay; and expired", async () => {
  const { project, noted } = await startTestProject(files);
  for (const delay of [0, "5m", "2 days"] as const)
    await project.push("exports", { n: 1 }, { tag: "abandon:42", delay: delay === "2 days" ? "2d" : delay });
  await project.push("in.fifo", { n: 2 }, { group: "g", tag: "abandon:42", delay: "1m" });
  expect(project.pushed().map(({ tag }) => tag)).toEqual(Array(4).fill("abandon:42"));
  expect(await exported.cancel("abandon:42")).toEqual({ cancelled: 3 });
  const { runs } = await project.clock.advance("3 days");
  expect(noted).toEqual([[{ n: 2 }, 1]]);
  expect(runs.filter(({ outcome }) => outcome === "done")).toHaveLength(1);
});

test("tracked queues complete each job once, whatever goes wrong", async () => {
  const { project } = await startTestProject(files, { chaos: true });
  for (let n = 0; n < 20; n++)
    await project.push(n % 2 ? "exports" : "in.fifo", { n }, n % 2 ? {} : { group: "g" });
  await project.clock.advance("1 hour");
  const statuses = await Promise.all(
    project.pushed("exports").map(async ({ jobId }) => (await exported.status(jobId))?.status),
  );
  expect(statuses).toEqual(Array(10).fill("completed"));
  expect(project.deadLetters()).toEqual([]);
});

test("tracked queues run a job again whose process ended before its record said that it was done", async () => {
  const { project, noted } = await startTestProject(files, { chaos: { seed: 1, crashAfterSideEffect: 1 } });
  const jobId = await project.push("exports", { n: 1 });
  for (const n of [2, 3]) await project.push("in.fifo", { n }, { group: "g" });
  const { faults } = await project.drain();
  expect(noted.filter((each) => (each as [{ n: number }])[0].n === 1)).toEqual([
    [{ n: 1 }, 1],
    [{ n: 1 }, 2],
  ]);
  expect(noted.map((each) => (each as [{ n: number }])[0].n).filter((n) => n > 1)).toEqual([2, 2, 3, 3]);
  expect(faults).toHaveLength(3);
  expect(await exported.status(jobId)).toMatchObject({ status: "completed", attempt: 2 });
});

test("the jobs of a delivery whose time is up have all begun, and run again at once", async () => {
  const slow = `
    import { setTimeout } from "node:timers/promises";
    export const config = { track: true };
    export default async function (payload, { attempt }) { if (attempt === 1) await setTimeout(20); note(attempt); }
  `;
  const { project, noted } = await startTestProject(
    { "queues/slow.ts": slow },
    { chaos: { seed: 4, timeOut: 1 } },
  );
  for (let n = 0; n < 10; n++) await project.push("slow", n);
  const { faults, waiting } = await project.drain();
  expect(faults.map(({ kind }) => kind)).toEqual(Array(10).fill("timed-out"));
  expect(waiting).toBe(0);
  expect(noted.filter((attempt) => attempt === 2)).toHaveLength(10);
});
