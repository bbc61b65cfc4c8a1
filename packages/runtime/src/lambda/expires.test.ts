import { afterEach, expect, test } from "vitest";
import type { BatchJob, JobMetadata } from "../job/job-metadata.js";
import { pendingRow } from "../job/testing/fake-records.js";
import { hear as listen, trackedQueue } from "../job/testing/tracked-queue.js";
import type { LifecycleEvents } from "../log/lifecycle-events.js";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

function hear<K extends keyof LifecycleEvents>(kind: K): LifecycleEvents[K][] {
  const { heard, stop } = listen(kind);
  stops.push(stop);
  return heard;
}

function ranBy(options: { fifo?: boolean; track: boolean }) {
  const ran: string[] = [];
  const module = { default: (_: unknown, { jobId }: JobMetadata) => void ran.push(jobId) };
  const { fifo, track } = options;
  return { ran, ...trackedQueue(module, { fifo, settings: { track, expiresSeconds: 60 } }) };
}

test.each([{ track: false }, { track: true }])(
  "a job that was not started in time is dropped ($track)",
  async ({ track }) => {
    const dropped = hear("jobDropped");
    const { handle, ran, clock, queue } = ranBy({ track });
    const now = clock.now();
    expect(
      await handle(
        { id: "in-time", sentAt: now - 59_000 },
        { id: "late", sentAt: now - 61_000 },
        { id: "was-due-late", sentAt: now - 900_000, envelope: { dueAt: now - 10_000 } },
        { id: "overdue", sentAt: now - 900_000, envelope: { dueAt: now - 61_000 } },
      ),
    ).toEqual([]);
    expect(ran).toEqual(["in-time", "was-due-late"]);
    expect(dropped.map(({ jobId, reason }) => `${jobId} ${reason}`)).toEqual([
      "late expired",
      "overdue expired",
    ]);
    expect(queue.deadLetters).toEqual([]);
  },
);

test("what was started in time may be retried late: by its receives, or by its record", async () => {
  const untracked = ranBy({ track: false });
  const sentAt = untracked.clock.now() - 900_000;
  await untracked.handle({ id: "a", sentAt, receivedCount: 2 });
  expect(untracked.ran).toEqual(["a"]);

  const tracked = ranBy({ track: true });
  tracked.records.rows.set("a", pendingRow({ attempt: 1 }));
  await tracked.handle({ id: "a", sentAt, receivedCount: 1 }, { id: "b", sentAt, receivedCount: 7 });
  expect(tracked.ran).toEqual(["a"]);
  expect(tracked.records.rows.get("b")?.status).toBe("expired");
});

test("a FIFO group goes on behind what has expired; batch is called without it", async () => {
  const { handle, ran, clock } = ranBy({ track: false, fifo: true });
  const sentAt = clock.now() - 61_000;
  const group = "g";
  expect(await handle({ id: "a", group, sentAt }, { id: "b", group, sentAt: clock.now() })).toEqual([]);
  expect(ran).toEqual(["b"]);

  const calls: string[] = [];
  const module = { batch: (jobs: BatchJob[]) => void calls.push(jobs.map(({ jobId }) => jobId).join(" ")) };
  const batch = trackedQueue(module, { settings: { track: false, expiresSeconds: 60 } });
  await batch.handle({ id: "a", sentAt }, { id: "b", sentAt: batch.clock.now() }, { id: "c", sentAt });
  await batch.handle({ id: "d", sentAt });
  expect(calls).toEqual(["b"]);
});

test("without `expires` nothing is too late", async () => {
  const ran: string[] = [];
  const module = { default: (_: unknown, { jobId }: JobMetadata) => void ran.push(jobId) };
  const { handle } = trackedQueue(module, { settings: { track: false } });
  await handle({ id: "a", sentAt: 0 });
  expect(ran).toEqual(["a"]);
});
