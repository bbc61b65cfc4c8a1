import { expect, test } from "vitest";
import { DAY_MS, FAILURE, MINUTE_MS, type RecordWorld } from "./record-world.js";

/** Writing records, taking them back, and finding the first of repeated pushes. */
export function describePushedJobs(world: RecordWorld): void {
  test("a refused push leaves nothing behind", async () => {
    const job = await world.push({ tag: "t", isCounted: true });
    expect(await world.entries()).toHaveLength(2);
    expect(await world.records.takeBack(job)).toBe(true);
    expect(await world.records.read(job)).toBeNull();
    expect(await world.table.items()).toEqual([]);
    expect(await world.records.takeBack(job)).toBe(true);
  });

  test("a refused push whose job has started all the same is told", async () => {
    const job = await world.push({ tag: "t" });
    const held = await world.hold(job);
    expect(await world.records.takeBack(job)).toBe(false);
    await world.records.retry(held, FAILURE);
    expect(await world.records.takeBack(job)).toBe(false);
    expect(await world.records.cancelTag("mail", "t")).toHaveLength(1);
    expect(await world.records.takeBack(job)).toBe(false);
  });

  test("a refused push whose job was cancelled stays cancelled", async () => {
    const job = await world.push({ tag: "t" });
    expect(await world.records.cancelTag("mail", "t")).toHaveLength(1);
    expect(await world.records.takeBack(job)).toBe(true);
    expect((await world.records.read(job))?.status).toBe("cancelled");
    expect(await world.records.claim(world.claim(job))).toEqual({ kind: "over", status: "cancelled" });
  });

  test("many at once are all written", async () => {
    const jobs = Array.from({ length: 60 }, () => world.job({ tag: "t", isCounted: true }));
    expect(await world.records.create(jobs)).toEqual(jobs.map(() => true));
    expect(await world.entries()).toHaveLength(120);
    for (const job of jobs) expect((await world.records.read(job))?.status).toBe("pending");
  });

  test("a record that was cancelled while its writing was not answered yet stays so", async () => {
    const cancelled: number[] = [];
    const isRecords = (operation: string, input: object) =>
      operation === "batchWriteItem" && JSON.stringify(input).includes('"job#');
    world.disturbance.losesAnswers = true;
    world.disturbance.after = async (operation, input) => {
      if (!isRecords(operation, input)) return;
      world.disturbance.after = () => {};
      cancelled.push((await world.records.cancelTag("mail", "t")).length);
    };
    const jobs = [world.job({ tag: "t" }), world.job({ tag: "t" })];
    await world.records.create(jobs);
    expect(cancelled).toEqual([2]);
    for (const job of jobs) expect((await world.records.read(job))?.status).toBe("cancelled");
  });

  test("an entry that is found before its record is written stays", async () => {
    world.disturbance.after = async (operation) => {
      if (operation !== "batchWriteItem") return;
      world.disturbance.after = () => {};
      expect(await world.records.cancelTag("mail", "t")).toEqual([]);
      expect(await world.records.countBeyond("mail", null, 0)).toBe(0);
    };
    const job = await world.push({ tag: "t", isCounted: true });
    expect(await world.records.countBeyond("mail", null, 0)).toBe(1);
    expect(await world.records.cancelTag("mail", "t")).toMatchObject([{ jobId: job.jobId }]);
  });

  test("an entry that is found before a dead letter's record is pending again stays", async () => {
    const job = await world.push({ tag: "t" });
    await world.records.fail(await world.hold(job), FAILURE);
    world.disturbance.after = async (operation) => {
      if (operation !== "batchWriteItem") return;
      world.disturbance.after = () => {};
      expect(await world.records.cancelTag("mail", "t")).toEqual([]);
    };
    await world.records.redrive({ ...job, redrives: 1 });
    expect(await world.records.cancelTag("mail", "t")).toHaveLength(1);
  });

  test("the end of a failed job does not remove the entries of its retry", async () => {
    const job = await world.push({ tag: "t" });
    const held = await world.hold(job);
    world.disturbance.before = async (operation) => {
      if (operation !== "deleteItem") return;
      world.disturbance.before = () => {};
      await world.records.redrive({ ...job, redrives: 1 });
    };
    await world.records.fail(held, FAILURE);
    expect(await world.records.cancelTag("mail", "t")).toHaveLength(1);
  });

  test("the first push of five minutes has the id that its repetitions get", async () => {
    const { records } = world;
    const first = (jobId: string, of = {}) =>
      records.firstPush({ queueName: "orders.fifo", groupId: "g", dedupeId: "d", jobId, ...of });
    expect(await first("1")).toBe("1");
    expect(await first("2")).toBe("1");
    expect(await first("3", { groupId: "other" })).toBe("3");
    expect(await first("4", { dedupeId: "other" })).toBe("4");
    expect(await first("5", { queueName: "returns.fifo" })).toBe("5");
    world.nowMs += 5 * MINUTE_MS - 1;
    expect(await first("6")).toBe("1");
    world.nowMs += 1;
    expect(await first("7")).toBe("7");
    expect(await first("8")).toBe("7");
  });

  test("of many first pushes at once, one is it", async () => {
    const ids = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        world.records.firstPush({ queueName: "q", groupId: "g", dedupeId: "d", jobId: String(index) }),
      ),
    );
    expect(new Set(ids).size).toBe(1);
  });

  test("a repeated push leaves the record as it is, and writes one where there is none", async () => {
    const job = await world.push({ tag: "t" });
    const held = await world.hold(job);
    const repeated = world.job({ jobId: job.jobId, tag: "other", isShared: true });
    expect(await world.records.create([repeated])).toEqual([false]);
    expect(await world.records.read(job)).toMatchObject({ status: "running", tag: "t" });
    await world.records.complete(held, 1);
    expect(await world.records.create([repeated])).toEqual([false]);
    expect(await world.records.read(job)).toMatchObject({ status: "completed" });
    expect(await world.entries()).toEqual([]);

    const never = world.job({ isShared: true, tag: "t" });
    expect(await world.records.create([never])).toEqual([true]);
    expect(await world.records.cancelTag("mail", "t")).toMatchObject([{ jobId: never.jobId }]);
  });

  test("of two pushes of one job, each takes back only what it has written", async () => {
    const first = await world.push({ tag: "t" });
    const second = world.job({ jobId: first.jobId, tag: "t", isShared: true });
    expect(await world.records.create([second])).toEqual([false]);
    expect(await world.records.takeBack(second)).toBe(true);
    expect((await world.records.read(first))?.status).toBe("pending");
    expect(await world.entries()).toHaveLength(1);

    await world.records.takeBack(first);
    expect(await world.records.create([second])).toEqual([true]);
    expect(await world.records.takeBack(first)).toBe(true);
    expect((await world.records.read(second))?.status).toBe("pending");
    expect(await world.records.cancelTag("mail", "t")).toHaveLength(1);
  });

  test("a worker that is quicker than a repeated push keeps its record, and no entry is left over", async () => {
    const repeated = world.job({ isShared: true, tag: "t" });
    world.disturbance.before = async (operation) => {
      if (operation !== "putItem") return;
      world.disturbance.before = () => {};
      await world.records.complete(await world.hold(repeated), "done");
    };
    expect(await world.records.create([repeated])).toEqual([false]);
    expect(await world.records.read(repeated)).toMatchObject({ status: "completed", result: "done" });
    expect(await world.entries()).toEqual([]);
  });

  test("everything goes thirty days after its last change, and not before its message is gone", async () => {
    const seconds = (atMs: number) => ({ N: String(Math.ceil(atMs / 1_000)) });
    const start = world.nowMs;
    const job = await world.push({ tag: "t", isCounted: true, dueAtMs: start + 100 * DAY_MS });
    await world.records.firstPush({ queueName: "mail", groupId: "g", dedupeId: "d", jobId: job.jobId });
    const until = seconds(start + (100 + 7 + 30) * DAY_MS);
    const expiries = async () =>
      Object.fromEntries(
        (await world.table.items()).map(({ pk, expiresAt }) => [
          pk && "S" in pk && pk.S.split("#")[0],
          expiresAt,
        ]),
      );
    expect(await expiries()).toEqual({
      job: until,
      tag: until,
      pending: until,
      dedupe: seconds(start + 5 * MINUTE_MS + DAY_MS),
    });
    world.nowMs = start + 120 * DAY_MS;
    await world.records.complete(await world.hold(job), 1);
    expect((await expiries()).job).toEqual(seconds(start + 150 * DAY_MS));
  });

  test("what has expired and is still there is not there", async () => {
    const job = await world.push({ tag: "t", isCounted: true });
    await world.records.complete(await world.hold(job), 1);
    const waiting = await world.push({ tag: "t", isCounted: true });
    world.nowMs += 38 * DAY_MS;
    expect(await world.table.items()).toHaveLength(4);
    expect(await world.records.read(job)).toBeNull();
    expect(await world.records.read(waiting)).toBeNull();
    expect(await world.records.cancelTag("mail", "t")).toEqual([]);
    expect(await world.records.cancelJob(waiting)).toBeNull();
    expect(await world.records.countBeyond("mail", null, 0)).toBe(0);
    expect(await world.records.create([{ ...job, isShared: true, createdAtMs: world.nowMs }])).toEqual([
      true,
    ]);
    expect((await world.records.read(job))?.status).toBe("pending");
    expect((await world.hold(waiting)).attempt).toBe(1);
  });
}
