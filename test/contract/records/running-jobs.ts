import { expect, test } from "vitest";
import { DAY_MS, FAILURE, MINUTE_MS, type RecordWorld } from "./record-world.js";

/** What a record says while its job runs, and who may change it. */
export function describeRunningJobs(world: RecordWorld): void {
  test("a job is pending, running, completed, and keeps its result", async () => {
    const { records } = world;
    const pushedAt = world.nowMs;
    const job = await world.push({ tag: "t", userId: "u1", groupId: "g", dueAtMs: world.nowMs + 1_000 });
    const pending = await records.read(job);
    expect(pending).toEqual({
      queueName: "mail",
      jobId: job.jobId,
      job: "default",
      status: "pending",
      attempt: 0,
      maxAttempts: 3,
      redrives: 0,
      tag: "t",
      groupId: "g",
      userId: "u1",
      createdAtMs: pushedAt,
      dueAtMs: pushedAt + 1_000,
      startedAtMs: null,
      completedAtMs: null,
      progress: null,
      result: null,
      error: null,
      leaseUntilMs: null,
    });
    world.nowMs += 5_000;
    const held = await world.hold(job);
    expect(held.attempt).toBe(1);
    expect(await records.read(job)).toEqual({
      ...pending,
      status: "running",
      attempt: 1,
      startedAtMs: world.nowMs,
      leaseUntilMs: held.leaseUntilMs,
    });
    expect(await records.progress(held, { done: 0.5 })).toBe(true);
    world.nowMs += 5_000;
    expect(await records.complete(held, { sent: ["ä", 1] })).toBe(true);
    expect(await records.read(job)).toEqual({
      ...pending,
      status: "completed",
      attempt: 1,
      startedAtMs: pushedAt + 5_000,
      completedAtMs: world.nowMs,
      progress: { done: 0.5 },
      result: { sent: ["ä", 1] },
    });
    expect(await world.entries()).toEqual([]);
  });

  test("a second delivery finds it running, and completed afterwards", async () => {
    const job = await world.push();
    const held = await world.hold(job);
    expect(await world.records.claim(world.claim(job))).toEqual({
      kind: "running",
      leaseUntilMs: held.leaseUntilMs,
    });
    await world.records.complete(held, null);
    expect(await world.records.claim(world.claim(job))).toEqual({ kind: "over", status: "completed" });
  });

  test("of many deliveries at once, one has it", async () => {
    const job = await world.push();
    const answers = await Promise.all(Array.from({ length: 8 }, () => world.records.claim(world.claim(job))));
    expect(answers.filter(({ kind }) => kind === "claimed")).toEqual([{ kind: "claimed", attempt: 1 }]);
    expect((await world.records.read(job))?.attempt).toBe(1);
  });

  test("when a lease has passed the job is another's, and one completion counts", async () => {
    const job = await world.push();
    const first = await world.hold(job);
    world.nowMs = first.leaseUntilMs - 1;
    expect((await world.records.claim(world.claim(job))).kind).toBe("running");
    world.nowMs = first.leaseUntilMs;
    const second = await world.hold(job);
    expect(second.attempt).toBe(2);
    expect(await world.records.progress(first, 1)).toBe(false);
    expect(await world.records.retry(first, FAILURE)).toBe(false);
    expect(await world.records.fail(first, FAILURE)).toBe(false);
    expect(await world.records.complete(first, "first")).toBe(false);
    expect(await world.records.complete(second, "second")).toBe(true);
    expect(await world.records.complete(first, "first")).toBe(false);
    expect(await world.records.read(job)).toMatchObject({
      status: "completed",
      result: "second",
      attempt: 2,
    });
  });

  test("a failed attempt waits for the next, with its error", async () => {
    const job = await world.push({ tag: "t" });
    const first = await world.hold(job);
    await world.records.progress(first, "half");
    expect(await world.records.retry(first, FAILURE)).toBe(true);
    expect(await world.records.read(job)).toMatchObject({ status: "pending", attempt: 1, error: FAILURE });
    expect(await world.entries()).toHaveLength(1);
    const second = await world.hold(job);
    expect(await world.records.read(job)).toMatchObject({ status: "running", attempt: 2, progress: null });
    await world.records.complete(second, 1);
    expect(await world.records.read(job)).toMatchObject({ status: "completed", error: null });
  });

  test("a job that failed for good says so, and counts the attempts that it had", async () => {
    const job = await world.push({ maxAttempts: 2, tag: "t" });
    for (let attempt = 1; attempt <= 2; attempt++) {
      await world.hold(job);
      world.nowMs += 2 * MINUTE_MS;
    }
    const third = await world.hold(job);
    expect(third.attempt).toBe(3);
    expect(await world.records.fail(third, FAILURE)).toBe(true);
    expect(await world.records.read(job)).toMatchObject({
      status: "failed",
      attempt: 2,
      error: FAILURE,
      completedAtMs: world.nowMs,
      result: null,
    });
    expect(await world.entries()).toEqual([]);
    expect(await world.records.claim(world.claim(job))).toEqual({ kind: "over", status: "failed" });
  });

  test("a message without a record, somebody else's say, gets one when its turn comes", async () => {
    const job = world.job({ tag: "t", isCounted: true });
    const held = await world.hold(job);
    expect(held.attempt).toBe(1);
    expect(await world.entries()).toEqual([`pending#mail# ${job.jobId}`, `tag#mail#t ${job.jobId}`]);
    expect(await world.records.read(job)).toMatchObject({ status: "running", tag: "t" });
    await world.records.retry(held, FAILURE);
    expect(await world.records.cancelTag("mail", "t")).toHaveLength(1);
    expect(await world.records.claim(world.claim(job))).toEqual({ kind: "over", status: "cancelled" });
  });

  test("many deliveries at once of a message without a record are one claim", async () => {
    const job = world.job({ tag: "t" });
    const answers = await Promise.all(Array.from({ length: 5 }, () => world.records.claim(world.claim(job))));
    expect(answers.filter(({ kind }) => kind === "claimed")).toHaveLength(1);
    expect((await world.records.read(job))?.attempt).toBe(1);
  });

  test("a job that was not started in time has expired, one whose attempt failed has not", async () => {
    const late = await world.push({ tag: "t" });
    const delayed = await world.push({ dueAtMs: world.nowMs + MINUTE_MS });
    const tried = await world.push();
    await world.records.retry(await world.hold(tried), FAILURE);
    const cancelled = await world.push();
    await world.records.cancelJob(cancelled);
    world.nowMs += 61_000;
    const expiresSeconds = 60;
    const claim = (job: typeof late) => world.records.claim(world.claim(job, { expiresSeconds }));
    expect(await claim(late)).toEqual({ kind: "over", status: "expired" });
    expect(await claim(late)).toEqual({ kind: "over", status: "expired" });
    expect(await world.records.read(late)).toMatchObject({
      status: "expired",
      attempt: 0,
      startedAtMs: null,
      completedAtMs: world.nowMs,
    });
    expect(await world.entries()).toEqual([]);
    expect(await claim(delayed)).toEqual({ kind: "claimed", attempt: 1 });
    expect(await claim(tried)).toEqual({ kind: "claimed", attempt: 2 });
    expect(await claim(cancelled)).toEqual({ kind: "over", status: "cancelled" });
    const unknown = world.job({ createdAtMs: world.nowMs - 61_000 });
    expect(await claim(unknown)).toEqual({ kind: "over", status: "expired" });
    expect((await world.records.read(unknown))?.status).toBe("expired");
  });

  test("a job that has had all its attempts says what the last one failed of, if it did not end its process", async () => {
    // A claim that is made again finds its own, and no longer what was there before it.
    world.disturbance.losesAnswers = false;
    const failed = await world.push({ maxAttempts: 1 });
    await world.records.retry(await world.hold(failed), FAILURE);
    expect(await world.records.claim(world.claim(failed))).toEqual({
      kind: "claimed",
      attempt: 2,
      failedOf: FAILURE,
    });
    const died = await world.push({ maxAttempts: 1 });
    await world.hold(died, { leaseUntilMs: world.nowMs });
    world.nowMs += 1;
    expect(await world.records.claim(world.claim(died))).toEqual({ kind: "claimed", attempt: 2 });
  });

  test("a result that is too large, or no JSON, is completed with a text in its place", async () => {
    const circular: unknown[] = [];
    circular.push(circular);
    const results: [unknown, unknown][] = [
      ["x".repeat(256 * 1_024 - 2), "x".repeat(256 * 1_024 - 2)],
      ["x".repeat(256 * 1_024 - 1), "RESULT_TOO_LARGE"],
      ["ä".repeat(128 * 1_024), "RESULT_TOO_LARGE"],
      [circular, "RESULT_NOT_JSON"],
      [1n, "RESULT_NOT_JSON"],
      [undefined, null],
      ["", ""],
    ];
    for (const [result, recorded] of results) {
      const job = await world.push();
      expect(await world.records.complete(await world.hold(job), result)).toBe(true);
      expect((await world.records.read(job))?.result).toEqual(recorded);
    }
  });

  test("progress that is too large, or no JSON, is refused and the last one stays", async () => {
    const job = await world.push();
    const held = await world.hold(job);
    expect(await world.records.progress(held, "x".repeat(16 * 1_024 - 2))).toBe(true);
    for (const progress of ["x".repeat(16 * 1_024 - 1), 1n])
      await expect(world.records.progress(held, progress)).rejects.toMatchObject({
        code: "QR_INVALID_PROGRESS",
      });
    expect(await world.records.read(job)).toMatchObject({ progress: "x".repeat(16 * 1_024 - 2) });
    expect(await world.records.progress(held, undefined)).toBe(true);
    expect((await world.records.read(job))?.progress).toBeNull();
  });

  test("an error of any size fits", async () => {
    const job = await world.push();
    const error = { name: "E", message: "m".repeat(500_000), stack: "s".repeat(500_000), details: ["x"] };
    expect(await world.records.retry(await world.hold(job), error)).toBe(true);
    expect((await world.records.read(job))?.error).toEqual({
      name: "E",
      message: "m".repeat(2_000),
      stack: "s".repeat(4_000),
    });
  });

  test("a dead letter that is retried starts anew, whoever is first, and its old message is nothing any more", async () => {
    for (const isClaimedFirst of [true, false]) {
      const job = await world.push({ tag: "t", maxAttempts: 1 });
      await world.records.fail(await world.hold(job), FAILURE);
      expect(await world.entries()).toEqual([]);
      world.nowMs += DAY_MS;
      const again = { ...job, redrives: 1, createdAtMs: world.nowMs };
      let held = isClaimedFirst ? await world.hold(again) : null;
      await world.records.redrive(again);
      if (!held) {
        expect(await world.records.read(job)).toMatchObject({ status: "pending", attempt: 0, redrives: 1 });
        held = await world.hold(again);
      }
      expect(held.attempt).toBe(1);
      expect(await world.records.read(job)).toMatchObject({
        status: "running",
        createdAtMs: world.nowMs - DAY_MS,
        completedAtMs: null,
      });
      expect(await world.records.claim(world.claim(job))).toEqual({ kind: "over", status: "failed" });
      expect(await world.entries()).toHaveLength(1);
      await world.records.complete(held, null);
      expect(await world.entries()).toEqual([]);
    }
  });

  test("a retried dead letter can be cancelled, and expires counted from its retry", async () => {
    const job = await world.push({ tag: "t" });
    await world.records.fail(await world.hold(job), FAILURE);
    world.nowMs += DAY_MS;
    const again = { ...job, redrives: 1, createdAtMs: world.nowMs };
    await world.records.redrive(again);
    expect((await world.records.claim(world.claim(again, { expiresSeconds: 60 }))).kind).toBe("claimed");
    const other = await world.push({ tag: "t" });
    await world.records.fail(await world.hold(other), FAILURE);
    await world.records.redrive({ ...other, redrives: 1 });
    expect(await world.records.cancelTag("mail", "t")).toMatchObject([{ jobId: other.jobId }]);
  });
}
