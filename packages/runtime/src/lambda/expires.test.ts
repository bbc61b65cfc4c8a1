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

test.each([{ track: false }, { track: true }])(
  "a job that comes before it is due goes back until then, without having been an attempt ($track)",
  async ({ track }) => {
    const { handle, ran, clock, queue, records } = ranBy({ track });
    const now = clock.now();
    const due = (id: string, ms: number) => ({ id, envelope: { dueAt: now + ms } });
    expect(await handle(due("early", 45_200), due("now", 900), { id: "any", sentAt: now })).toEqual([
      "early",
    ]);
    expect(ran.sort()).toEqual(["any", "now"]);
    expect(queue.visibility).toEqual({ early: 46 });
    expect(records.rows.has("early")).toBe(false);
  },
);

test.each([{ track: false }, { track: true }])(
  "a FIFO group waits behind a job that is not due yet, what is before it runs ($track)",
  async ({ track }) => {
    const ran: string[] = [];
    const module = { batch: (jobs: BatchJob[]) => void ran.push(jobs.map(({ jobId }) => jobId).join(" ")) };
    const { handle, clock, queue } = trackedQueue(module, { fifo: true, settings: { track } });
    const message = (id: string, ms = 0) => ({ id, group: "g", envelope: { dueAt: clock.now() + ms } });
    const back = await handle(message("a"), message("b"), message("c", 9_000), message("d"));
    expect(back).toEqual(["c", "d"]);
    expect(ran).toEqual(["a b"]);
    expect(queue.visibility).toEqual({ c: 9, d: 0 });
    expect(await handle(message("c", 9_000), message("d"))).toEqual(["c", "d"]);
    expect(ran).toHaveLength(1);
  },
);

test("what ended its process too often is dead-lettered beside what is not due yet", async () => {
  const module = { batch: () => {} };
  const { handle, clock, queue } = trackedQueue(module, { settings: { track: false, retries: 0 } });
  const early = { id: "early", envelope: { dueAt: clock.now() + 9_000 } };
  expect(await handle(early, { id: "ender", receivedCount: 7 })).toEqual(["early"]);
  expect(queue.visibility).toEqual({ early: 9 });
  expect(queue.deadLetters).toMatchObject([{ record: { jobId: "ender" } }]);
});
