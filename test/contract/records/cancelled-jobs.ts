import { expect, test } from "vitest";
import { DAY_MS, FAILURE, type RecordWorld } from "./record-world.js";

/** Cancelling and counting, which must be exact. */
export function describeCancelledJobs(world: RecordWorld): void {
  test("a job counted as cancelled never starts; what runs or has ended is not counted", async () => {
    const { records } = world;
    const tag = "cart:42";
    const pending = await world.push({ tag });
    const waiting = await world.push({ tag });
    await records.retry(await world.hold(waiting), FAILURE);
    const running = await world.hold(await world.push({ tag }));
    await records.complete(await world.hold(await world.push({ tag })), 1);
    await records.fail(await world.hold(await world.push({ tag })), FAILURE);
    const elsewhere = await world.push({ tag, queueName: "other" });
    const untagged = await world.push({ tag: "cart:4" });

    const cancelled = await records.cancelTag("mail", tag);
    expect(cancelled.map(({ jobId }) => jobId).sort()).toEqual([pending.jobId, waiting.jobId].sort());
    expect(await records.cancelTag("mail", tag)).toEqual([]);
    expect(await records.read(pending)).toMatchObject({ status: "cancelled", completedAtMs: world.nowMs });
    expect(await records.claim(world.claim(pending))).toEqual({ kind: "over", status: "cancelled" });
    expect(await records.claim(world.claim(waiting))).toEqual({ kind: "over", status: "cancelled" });
    expect(await records.complete(running, 1)).toBe(true);
    expect((await records.read(elsewhere))?.status).toBe("pending");
    expect((await records.read(untagged))?.status).toBe("pending");
    expect(await world.entries()).toHaveLength(2);
  });

  test("one job is cancelled by its id, once", async () => {
    const job = await world.push({ tag: "t", isCounted: true });
    const [one, other] = await Promise.all([world.records.cancelJob(job), world.records.cancelJob(job)]);
    expect([one, other].filter((record) => record !== null)).toMatchObject([{ jobId: job.jobId }]);
    expect(await world.records.cancelJob(job)).toBeNull();
    expect(await world.records.cancelJob(world.job())).toBeNull();
    expect(await world.entries()).toEqual([]);
  });

  test("hundreds of jobs of a tag are cancelled, each once", async () => {
    const jobs = Array.from({ length: 130 }, () => world.job({ tag: "t" }));
    await world.records.create(jobs);
    const counts = await Promise.all([
      world.records.cancelTag("mail", "t"),
      world.records.cancelTag("mail", "t"),
    ]);
    const ids = counts.flat().map(({ jobId }) => jobId);
    expect(ids).toHaveLength(130);
    expect(new Set(ids).size).toBe(130);
    expect(await world.entries()).toEqual([]);
  });

  test("a claim between the entry and its record wins or loses, never both", async () => {
    for (const when of ["before", "after"] as const) {
      const job = await world.push({ tag: "t" });
      let answer: unknown;
      world.disturbance[when] = async (operation) => {
        if (operation !== "updateItem") return;
        world.disturbance[when] = () => {};
        answer = await world.records.claim(world.claim(job));
      };
      const cancelled = await world.records.cancelTag("mail", "t");
      if (when === "before") {
        expect(answer).toEqual({ kind: "claimed", attempt: 1 });
        expect(cancelled).toEqual([]);
        expect(await world.entries()).toHaveLength(1);
      } else {
        expect(answer).toEqual({ kind: "over", status: "cancelled" });
        expect(cancelled).toHaveLength(1);
      }
    }
  });

  test("a job whose message is gone counts no more, and cannot be cancelled", async () => {
    const job = await world.push({ tag: "t", isCounted: true });
    expect(await world.records.countBeyond("mail", null, 0)).toBe(1);
    world.nowMs += 7 * DAY_MS;
    expect(await world.records.countBeyond("mail", null, 0)).toBe(0);
    expect(await world.records.cancelTag("mail", "t")).toEqual([]);
    expect(await world.records.read(job)).toMatchObject({
      status: "expired",
      completedAtMs: world.nowMs,
      attempt: 0,
    });
  });

  test("a job that was running when its message was lost is over when its lease is", async () => {
    const job = await world.push();
    world.nowMs += 7 * DAY_MS - 1_000;
    await world.hold(job);
    world.nowMs += 30_000;
    expect((await world.records.read(job))?.status).toBe("running");
    world.nowMs += 60_000;
    expect((await world.records.read(job))?.status).toBe("expired");
  });

  test("pending jobs are counted by group: those that wait for a retry, not those that run or have ended", async () => {
    const { records } = world;
    const counted = (groupId: string | null) => world.push({ isCounted: true, groupId });
    const jobs = await Promise.all(["a", "a", "a", "a", "a", "b", null].map(counted));
    const [first, second, third, fourth] = jobs;
    if (!first || !second || !third || !fourth) throw new Error("no jobs");
    expect(await records.countBeyond("mail", "a", 5)).toBe(0);
    expect(await records.countBeyond("mail", "a", 3)).toBe(2);
    expect(await records.countBeyond("mail", "b", 0)).toBe(1);
    expect(await records.countBeyond("mail", null, 0)).toBe(1);
    await world.hold(first);
    expect(await records.countBeyond("mail", "a", 3)).toBe(1);
    const held = await world.hold(second);
    expect(await records.countBeyond("mail", "a", 3)).toBe(0);
    await records.retry(held, FAILURE);
    expect(await records.countBeyond("mail", "a", 3)).toBe(1);
    await records.complete(await world.hold(third), null);
    await records.cancelJob(fourth);
    expect(await records.countBeyond("mail", "a", 0)).toBe(2);
  });

  test("an entry of a job that has ended is removed by whoever finds it, any other stays", async () => {
    const { client, tableName } = world.table;
    const ended = await world.push({ tag: "t", isCounted: true });
    const isEntry = (operation: string) => operation === "deleteItem";
    world.disturbance.before = async (operation) => {
      if (isEntry(operation)) throw new Error("the process has died");
    };
    await world.records.complete(await world.hold(ended), 1);
    world.disturbance.before = () => {};
    expect(await world.entries()).toHaveLength(2);
    await world.hold(await world.push({ tag: "t", isCounted: true }));
    const ghost = { pk: { S: "pending#mail#" }, sk: { S: "ghost" } };
    await client.putItem({
      TableName: tableName,
      Item: { ...ghost, redrives: { N: "0" }, version: { S: "v" }, expiresAt: { N: "9999999999" } },
    });
    expect(await world.records.countBeyond("mail", null, 0)).toBe(0);
    expect(await world.records.cancelTag("mail", "t")).toEqual([]);
    const left = await world.entries();
    expect(left.filter((key) => key.includes(ended.jobId))).toEqual([]);
    expect(left).toHaveLength(3);
  });

  test("more entries than a page or a batch holds are counted", async () => {
    const jobs = Array.from({ length: 230 }, () => world.job({ isCounted: true, groupId: "g" }));
    await world.records.create(jobs);
    expect(await world.records.countBeyond("mail", "g", 230)).toBe(0);
    expect(await world.records.countBeyond("mail", "g", 200)).toBe(30);
  });
}
