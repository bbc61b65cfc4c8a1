import { expect, test } from "vitest";
import type { PushedJob } from "../../../packages/runtime/src/records/record-store.js";
import { randomFrom } from "../../harness/random.js";
import { FAILURE, MINUTE_MS, type RecordWorld } from "./record-world.js";

const WORKERS = 6;
const MAX_ATTEMPTS = 3;

/** Workers that run, fail, crash and are slow, while others push and cancel: whatever happens, the counts are exact. */
export function describeManyWorkers(world: RecordWorld, jobs: number): void {
  test("no job is both counted as cancelled and run, none completes twice, every count is exact", async () => {
    const random = randomFrom();
    const { records } = world;
    const cancelled: string[] = [];
    const started = new Map<string, number>();
    const startedAfterCancel: string[] = [];
    const completed: string[] = [];
    const failed: string[] = [];
    const queue: PushedJob[] = [];
    const all: PushedJob[] = [];
    let isOver = false;

    async function work(): Promise<void> {
      while (!isOver) {
        const job = queue.shift();
        if (!job) {
          await new Promise((resolve) => setImmediate(resolve));
          continue;
        }
        // SQS delivers at least once.
        if (random.chance(0.3)) queue.push(job);
        const claim = world.claim(job, { leaseUntilMs: world.nowMs + (random.chance(0.3) ? 1 : MINUTE_MS) });
        const answer = await records.claim(claim);
        if (answer.kind === "over") continue;
        if (answer.kind === "running") {
          world.nowMs += 1;
          queue.push(job);
          continue;
        }
        started.set(job.jobId, (started.get(job.jobId) ?? 0) + 1);
        if (cancelled.includes(job.jobId)) startedAfterCancel.push(job.jobId);
        world.nowMs += random.between(0, 2);
        const held = { ...claim, attempt: answer.attempt };
        if (answer.attempt > MAX_ATTEMPTS) {
          if (await records.fail(held, FAILURE)) failed.push(job.jobId);
        } else if (random.chance(0.2)) {
          // Its process died: the message comes back, and the lease passes.
          queue.push(job);
          world.nowMs = Math.max(world.nowMs, claim.leaseUntilMs);
        } else if (random.chance(0.3)) {
          const isLast = answer.attempt === MAX_ATTEMPTS;
          if (isLast && (await records.fail(held, FAILURE))) failed.push(job.jobId);
          if (!isLast) await records.retry(held, FAILURE);
          queue.push(job);
        } else if (await records.complete(held, job.jobId)) completed.push(job.jobId);
        else queue.push(job);
      }
    }

    async function cancel(): Promise<void> {
      while (!isOver) {
        const tag = `t${random.between(0, 3)}`;
        const ids = (await records.cancelTag("mail", tag)).map(({ jobId }) => jobId);
        cancelled.push(...ids);
        const one = all[random.between(0, all.length)];
        if (one && (await records.cancelJob(one))) cancelled.push(one.jobId);
        for (let turns = random.between(0, 40); turns > 0; turns--)
          await new Promise((resolve) => setImmediate(resolve));
      }
    }

    async function push(): Promise<void> {
      for (let pushed = 0; pushed < jobs; pushed++) {
        const job = world.job({
          tag: `t${random.between(0, 3)}`,
          isCounted: true,
          maxAttempts: MAX_ATTEMPTS,
          groupId: "g",
        });
        await records.create([job]);
        all.push(job);
        if (random.chance(0.1) && (await records.takeBack(job))) continue;
        queue.push(job);
      }
    }

    const workers = [...Array.from({ length: WORKERS }, work), cancel()];
    await push();
    for (;;) {
      const pending = await Promise.all(all.map((job) => records.read(job)));
      const open = pending.filter((record) => record?.status === "pending" || record?.status === "running");
      if (open.length === 0) break;
      world.nowMs += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    isOver = true;
    await Promise.all(workers);

    const seed = `SEED=${random.seed}`;
    expect(startedAfterCancel, seed).toEqual([]);
    expect(new Set(cancelled).size, seed).toBe(cancelled.length);
    expect(new Set(completed).size, seed).toBe(completed.length);
    const ends = [...cancelled, ...completed, ...failed];
    expect(new Set(ends).size, seed).toBe(ends.length);
    for (const job of all) {
      const record = await records.read(job);
      const status = cancelled.includes(job.jobId)
        ? "cancelled"
        : completed.includes(job.jobId)
          ? "completed"
          : failed.includes(job.jobId)
            ? "failed"
            : undefined;
      expect(record?.status, `${seed} ${job.jobId}`).toBe(status);
      if (status === "completed") expect(record?.result, seed).toBe(job.jobId);
    }
    expect(await records.countBeyond("mail", "g", 0), seed).toBe(0);
  });
}
