import { describe, expect, test } from "vitest";
import { emails, startTestProject } from "./testing-project.js";

describe("the clock", () => {
  const daily = `
    import { queue } from "#queues/emails.js";
    export const schedule = "0 9 * * *";
    export default async ({ scheduledAt }) => { note("daily", scheduledAt.toISOString()); await queue.push({ at: scheduledAt }); };
  `;

  test("runs what falls due on the way, each at its own time and in order", async () => {
    const { project, noted } = await startTestProject({
      "queues/emails.ts": emails,
      "schedules/daily.ts": daily,
    });
    await project.push("emails", "in ten minutes", { delay: "10m" });
    await project.push("emails", "now");
    const { runs } = await project.clock.advance("3 days");
    expect(noted).toEqual([
      ["default", "now", 1],
      ["default", "in ten minutes", 1],
      ...["2027-01-02", "2027-01-03", "2027-01-04"].flatMap((day) => [
        ["daily", `${day}T09:00:00.000Z`],
        ["default", { at: `${day}T09:00:00.000Z` }, 1],
      ]),
    ]);
    expect(runs.filter(({ scheduleName }) => scheduleName === "daily")).toHaveLength(3);
    expect(project.pushed("emails").map(({ pushedAt }) => pushedAt.toISOString())).toEqual([
      "2027-01-01T12:00:00.000Z",
      "2027-01-01T12:00:00.000Z",
      "2027-01-02T09:00:00.000Z",
      "2027-01-03T09:00:00.000Z",
      "2027-01-04T09:00:00.000Z",
    ]);
    expect(project.clock.now()).toBe(Date.parse("2027-01-04T12:00:00Z"));
  });

  test("gets to jobs that SQS cannot delay: for days, and on FIFO queues", async () => {
    const { project, noted } = await startTestProject({
      "queues/emails.ts": emails,
      "queues/orders.fifo.ts":
        "export default (payload, { groupId, jobId }) => note(groupId, payload, jobId);",
    });
    const jobId = await project.push("emails", { in: "3 days" }, { delay: "3d" });
    await project.push("orders.fifo", "<later>", { group: "g", delay: "5m" });
    expect(project.pushed()).toMatchObject([
      { queueName: "emails", jobId, payload: { in: "3 days" }, dueAt: new Date("2027-01-04T12:00:00Z") },
      { queueName: "orders.fifo", payload: "<later>", group: "g", dueAt: new Date("2027-01-01T12:05:00Z") },
    ]);
    expect(await project.drain()).toMatchObject({ runs: [], waiting: 2 });
    await project.clock.advance("5 minutes");
    expect(noted).toEqual([["g", "<later>", project.pushed("orders.fifo")[0]?.jobId]]);
    expect((await project.clock.advanceTo("2027-01-04T11:59:59Z")).runs).toEqual([]);
    expect((await project.clock.advance("1s")).runs).toMatchObject([{ jobId, outcome: "done" }]);
    expect(project.pushed()).toHaveLength(2);
  });

  test("stands still by itself, goes to a time, and never back", async () => {
    const { project } = await startTestProject({ "queues/emails.ts": emails });
    await project.push("emails", "at noon", { at: "2027-01-01T12:05:00Z" });
    expect(project.pushed()).toMatchObject([{ dueAt: new Date("2027-01-01T12:05:00Z") }]);
    expect((await project.clock.advanceTo("2027-01-01T12:04:59Z")).runs).toEqual([]);
    expect((await project.clock.advanceTo(new Date("2027-01-01T12:05:00Z"))).runs).toHaveLength(1);
    await expect(project.clock.advanceTo("2027-01-01T12:00:00Z")).rejects.toMatchObject({
      code: "QR_TIME_GOES_BACK",
    });
    await expect(project.clock.advance("a while" as never)).rejects.toMatchObject({
      code: "QR_INVALID_TIME_SPAN",
    });
  });

  test("retries schedules, and runs one when it is told to", async () => {
    const { project } = await startTestProject({
      "schedules/fails.ts":
        'export const schedule = "0 9 * * *"; export const config = { retries: 1 }; export default () => { throw new Error("no"); };',
    });
    const first = await project.runSchedule("fails");
    expect(first.failures).toMatchObject([
      { queueName: null, scheduleName: "fails", attempt: 1, outcome: "retry" },
    ]);
    const second = await project.clock.advance("1 minute");
    expect(second.failures).toMatchObject([{ scheduleName: "fails", attempt: 2, outcome: "given-up" }]);
    await expect(project.runSchedule("fail")).rejects.toMatchObject({ code: "QR_SCHEDULE_NOT_FOUND" });
  });

  test("forgets jobs that nobody ran within their retention, in a year that passes quickly", async () => {
    const { project } = await startTestProject({ "queues/emails.ts": emails });
    await project.clock.advance("52 weeks");
    expect(project.clock.now()).toBe(Date.parse("2027-01-01T12:00:00Z") + 52 * 7 * 86_400_000);
  });

  test("is what Date tells, where that is asked for, until the project is stopped", async () => {
    const { project, noted } = await startTestProject(
      {
        "queues/emails.ts":
          "export default () => note(new Date().toISOString(), Date.now(), new Date(0).getTime(), typeof Date())",
      },
      { fakeDate: true },
    );
    await project.push("emails", null, { delay: "1h" as never }).catch(() => {});
    await project.push("emails", null, { delay: "5m" });
    await project.clock.advance("1 hour");
    const ms = Date.parse("2027-01-01T12:05:00Z");
    expect(noted[0]).toEqual([new Date(ms).toISOString(), ms, 0, "string"]);
    expect(Date.now()).toBe(Date.parse("2027-01-01T13:00:00Z"));
    expect(new Date()).toBeInstanceOf(Date);
    await project.stop();
    expect(Date.now()).toBeLessThan(Date.parse("2027-01-01"));
  });
});
