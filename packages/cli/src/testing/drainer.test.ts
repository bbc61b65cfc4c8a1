import { describe, expect, test, vi } from "vitest";
import { emails, startTestProject } from "./testing-project.js";

describe("drain", () => {
  test("runs nothing before, and then everything: jobs, what they push, and what that pushes", async () => {
    const { project, noted } = await startTestProject({ "queues/emails.ts": emails });
    const id = await project.push("emails", { next: { next: { n: 3 } } });
    await project.push("emails", { n: 1 }, { job: "welcome" });
    expect(noted).toEqual([]);
    const report = await project.drain();
    expect(noted).toEqual([
      ["default", { next: { next: { n: 3 } } }, 1],
      ["welcome", { n: 1 }],
      ["default", { next: { n: 3 } }, 1],
      ["default", { n: 3 }, 1],
    ]);
    expect(report.runs.map(({ job, outcome, attempt }) => [job, outcome, attempt])).toEqual([
      ["welcome", "done", 1],
      ["default", "done", 1],
      ["default", "done", 1],
      ["default", "done", 1],
    ]);
    expect(report).toMatchObject({ failures: [], deadLetters: [], waiting: 0, faults: [] });
    expect(report.runs[1]).toMatchObject({ queueName: "emails", scheduleName: null, jobId: id });
    expect((await project.drain()).runs).toEqual([]);
  });

  test("waits for handlers that really take their time", async () => {
    const { project, noted } = await startTestProject({
      "queues/slow.ts":
        'import { setTimeout } from "node:timers/promises"; export default async function () { await setTimeout(30); note("done"); }',
    });
    for (let i = 0; i < 25; i++) await project.push("slow");
    await project.drain();
    expect(noted).toHaveLength(25);
  });

  test("leaves delayed jobs and retries until their time, and tells of failures", async () => {
    const { project, noted } = await startTestProject({
      "queues/emails.ts": `${emails} export const config = { retries: 2, backoff: "linear", backoffDelay: 60 };`,
    });
    await project.push("emails", { fail: true });
    await project.push("emails", { late: true }, { delay: "10m" });
    const first = await project.drain();
    expect(first.waiting).toBe(2);
    expect(first.failures).toMatchObject([
      { queueName: "emails", attempt: 1, maxAttempts: 3, outcome: "retry", error: { message: "no" } },
    ]);
    const again = first.failures[0]?.retryAt?.getTime() ?? 0;
    expect(Math.abs(again - Date.parse("2027-01-01T12:01:00Z"))).toBeLessThanOrEqual(12_000);
    expect(project.deadLetters()).toEqual([]);

    const rest = await project.clock.advance("9 minutes");
    expect(noted.map((each) => (each as unknown[])[2])).toEqual([1, 2, 3]);
    expect(rest.failures.map(({ outcome }) => outcome)).toEqual(["retry", "dead-letter"]);
    expect(rest.deadLetters).toMatchObject([
      { queueName: "emails", job: "default", payload: { fail: true }, attempts: 3, error: { message: "no" } },
    ]);
    expect(project.deadLetters("emails")).toEqual(rest.deadLetters);
    expect(rest.waiting).toBe(1);
    await project.clock.advance("1 minute");
    expect(noted.at(-1)).toEqual(["default", { late: true }, 1]);
  });

  test("keeps the order of FIFO groups, also behind a job that is to be retried; and drops duplicates for five minutes", async () => {
    const { project, noted } = await startTestProject({
      "queues/orders.fifo.ts":
        "export default async function (payload, { groupId, attempt }) { note(groupId, payload, attempt); if (payload === 1 && attempt === 1) throw new Error('no'); }",
    });
    for (const n of [1, 2]) for (const group of ["a", "b"]) await project.push("orders.fifo", n, { group });
    await project.drain();
    expect(noted).toHaveLength(2);
    const { runs } = await project.clock.advance("5s");
    expect(runs).toHaveLength(4);
    for (const group of ["a", "b"])
      expect(noted.filter((each) => (each as unknown[])[0] === group)).toEqual([
        [group, 1, 1],
        [group, 1, 2],
        [group, 2, 1],
      ]);
    await project.push("orders.fifo", 2, { group: "a" });
    expect(project.pushed("orders.fifo").map(({ isDuplicate }) => isDuplicate)).toEqual([
      ...Array(4).fill(false),
      true,
    ]);
    expect((await project.drain()).runs).toEqual([]);
    await project.clock.advance("5 minutes");
    await project.push("orders.fifo", 2, { group: "a" });
    expect((await project.drain()).runs).toHaveLength(1);
  });

  test("gives batches what is there, without waiting for their window", async () => {
    const { project, noted } = await startTestProject({
      "queues/events.ts":
        "export const config = { batchSize: 20, batchWindow: 60 }; export async function batch(jobs) { note(jobs.length); }",
    });
    for (let i = 0; i < 25; i++) await project.push("events", i);
    await project.drain();
    expect(noted).toEqual([20, 5]);
    expect(project.clock.now()).toBe(Date.parse("2027-01-01T12:00:00Z"));
  });

  test("runs no more jobs at once than a queue may", async () => {
    const { project, noted } = await startTestProject({
      "queues/few.ts": `
        import { setTimeout } from "node:timers/promises";
        let running = 0;
        export const config = { concurrency: 2 };
        export default async function () { note(++running); await setTimeout(5); running--; }`,
    });
    for (let i = 0; i < 9; i++) await project.push("few", i);
    await project.drain();
    expect(noted).toHaveLength(9);
    expect(Math.max(...(noted as number[]))).toBe(2);
  });

  test("rejects with the error of code that cannot be loaded", async () => {
    const { project } = await startTestProject({
      "queues/broken.ts": 'throw new Error("broken on load"); export default async function () {}',
    });
    await project.push("broken");
    await expect(project.drain()).rejects.toThrow("broken on load");
  });

  test("prints failures, unless it is to be quiet", async () => {
    const print = vi.spyOn(console, "error").mockImplementation(() => {});
    const { project } = await startTestProject({ "queues/emails.ts": emails }, { quiet: false });
    await project.push("emails", { fail: true });
    await project.drain();
    expect(print).toHaveBeenCalledWith(
      expect.stringMatching(
        /^emails [\da-f-]{36}: attempt 1 of 5 failed, and it comes back at 2027-01-01T12:00:0/,
      ),
      expect.objectContaining({ message: "no" }),
    );
    print.mockRestore();
  });

  test("says what it waits for when handlers do not end", async () => {
    const print = vi.spyOn(console, "error").mockImplementation(() => {});
    const { project } = await startTestProject(
      {
        "queues/slow.ts":
          'import { setTimeout } from "node:timers/promises"; export const slowly = () => setTimeout(3_300);',
      },
      { quiet: false },
    );
    const jobId = await project.push("slow", null, { job: "slowly" });
    await project.drain();
    expect(print.mock.calls).toEqual([[expect.stringContaining(`slow.slowly ${jobId}, attempt 1`)]]);
    print.mockRestore();
  });

  test("ends a job whose time is up, in real time", async () => {
    const { project } = await startTestProject({
      "queues/hangs.ts":
        "export const config = { timeout: 1, retries: 0 }; export default (_, { signal }) => new Promise(() => { signal.onabort = () => note('aborted'); })",
    });
    await project.push("hangs");
    expect((await project.drain()).failures).toMatchObject([
      { outcome: "dead-letter", error: { code: "QR_JOB_TIMEOUT" } },
    ]);
  });
});
