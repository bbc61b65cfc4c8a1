import { expect, test } from "vitest";
import type { BatchJob, JobMetadata } from "../job/job-metadata.js";
import { letPromisesRun } from "../job/testing/fake-clock.js";
import { pendingRow } from "../job/testing/fake-records.js";
import { trackedQueue } from "../job/testing/tracked-queue.js";

test("batch: each job is claimed, those refused drop out, and what the call returns is no job's result", async () => {
  const calls: string[][] = [];
  const module = {
    batch: (jobs: BatchJob[]) => {
      calls.push(jobs.map(({ jobId, attempt }) => `${jobId} ${attempt}`));
      return "all of them";
    },
  };
  const { handle, records, clock, queue } = trackedQueue(module);
  records.rows.set("b", pendingRow({ status: "cancelled" }));
  const leaseUntilMs = clock.now() + 9_000;
  records.rows.set("c", pendingRow({ status: "running", leaseToken: "other", leaseUntilMs }));
  records.rows.set("d", pendingRow({ attempt: 1 }));
  expect(await handle({ id: "a" }, { id: "b" }, { id: "c" }, { id: "d" })).toEqual(["c"]);
  expect(calls).toEqual([["a 1", "d 2"]]);
  expect(queue.visibility).toEqual({ c: 10 });
  expect(records.rows.get("a")).toMatchObject({ status: "completed", result: null });
});

test("batch on a FIFO queue: a group's jobs behind one that runs elsewhere are not claimed, and go back", async () => {
  const ran: string[] = [];
  const module = { batch: (jobs: BatchJob[]) => void ran.push(jobs.map(({ jobId }) => jobId).join(" ")) };
  const { handle, records, clock, queue } = trackedQueue(module, { fifo: true });
  const group = "g";
  const leaseUntilMs = clock.now() + 9_000;
  records.rows.set("c", pendingRow({ status: "running", leaseToken: "other", leaseUntilMs }));
  expect(await handle(...["a", "b", "c", "d"].map((id) => ({ id, group })))).toEqual(["c", "d"]);
  expect(ran).toEqual(["a b"]);
  expect(queue.visibility).toEqual({ c: 10, d: 0 });
  expect(records.rows.has("d")).toBe(false);
  expect(records.rows.get("b")?.status).toBe("completed");
});

test("ack() completes the record before the message is deleted, and nothing afterwards changes it", async () => {
  const { handle, records, calls } = trackedQueue({
    default: async (_: unknown, { ack, progress }: JobMetadata) => {
      ack();
      await letPromisesRun();
      await progress(50);
      throw new Error("too late");
    },
  });
  expect(await handle({ id: "a" })).toEqual([]);
  expect(calls).toEqual(["claim a", "complete a", "delete a"]);
  expect(records.rows.get("a")).toMatchObject({ status: "completed", result: null });
});

test("ack() on a FIFO queue completes the record at once, and holds the group until the handler ends", async () => {
  let goOn = () => {};
  const { handle, records, calls } = trackedQueue(
    {
      default: (_: unknown, { ack }: JobMetadata) => {
        ack();
        return new Promise<void>((resolve) => {
          goOn = resolve;
        });
      },
    },
    { fifo: true },
  );
  const answer = handle({ id: "a", group: "g" });
  await letPromisesRun();
  expect(records.rows.get("a")?.status).toBe("completed");
  expect(calls).toEqual(["claim a", "complete a"]);
  goOn();
  expect(await answer).toEqual([]);
  expect(calls).toEqual(["claim a", "complete a"]);
});

test("an ack() that could not be recorded is recorded when the handler ends", async () => {
  const { handle, records } = trackedQueue({
    default: async (_: unknown, { ack }: JobMetadata) => {
      records.failing.complete = { error: new Error("reset"), written: false };
      ack();
      await letPromisesRun();
      records.failing.complete = undefined;
      return "ignored";
    },
  });
  expect(await handle({ id: "a" })).toEqual([]);
  expect(records.rows.get("a")).toMatchObject({ status: "completed", result: null });
});
