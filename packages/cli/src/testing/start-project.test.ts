import { describe, expect, test, vi } from "vitest";
import { projectStarter } from "./start-project.js";
import { startTestProject } from "./testing-project.js";

const emails = `
  import { queues } from "queue-run";
  export const queue = queues.self();
  export default async function (payload, { attempt }) {
    note("default", payload, attempt);
    if (payload?.fail) throw new Error("no");
    if (payload?.next) await queue.push(payload.next);
    return payload;
  }
  export async function welcome(payload) { note("welcome", payload); }
`;

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

describe("fetch", () => {
  test("goes through routes, middleware and queue.http, as requests do", async () => {
    const { project, noted } = await startTestProject({
      "queues/emails.ts": emails,
      "api/_middleware.ts":
        'export function authenticate({ bearerToken }) { if (bearerToken !== "secret") throw new Response("who?", { status: 401 }); return { id: "ada" }; }',
      "api/emails/index.ts": 'import { queue } from "#queues/emails.js"; export const post = queue.http;',
      "api/items/[id].ts":
        'export const get = ({ params, query, cookies, headers, user }) => ({ params, query, cookies, agent: headers["user-agent"], user });\nexport const del = () => null;',
    });
    expect((await project.fetch("/emails", { method: "POST" })).status).toBe(401);
    const headers = { authorization: "Bearer secret", cookie: "a=1; b=2", "user-agent": "tests" };
    const item = await project.fetch("/items/a%20b?x=1&x=2", { headers });
    expect(item.status).toBe(200);
    expect(await item.json()).toEqual({
      params: { id: "a b" },
      query: { x: ["1", "2"] },
      cookies: { a: "1", b: "2" },
      agent: "tests",
      user: { id: "ada" },
    });
    expect((await project.fetch("http://anywhere/items/5", { method: "DELETE", headers })).status).toBe(204);
    expect((await project.fetch("/nothing", { headers })).status).toBe(404);

    const form = new FormData();
    form.append("name", "Ada");
    const pushed = await project.fetch("/emails", { method: "POST", body: form, headers });
    expect(pushed.status).toBe(202);
    expect(project.pushed("emails")).toMatchObject([
      { jobId: pushed.headers.get("x-job-id"), payload: { name: "Ada" } },
    ]);
    await project.drain();
    expect(noted).toEqual([["default", { name: "Ada" }, 1]]);
  });

  test("streams, and an aborted request rejects", async () => {
    const { project } = await startTestProject({
      "api/index.ts": `
        export const get = () => new Response(new ReadableStream({
          async start(controller) { for (const text of ["one ", "two"]) { controller.enqueue(new TextEncoder().encode(text)); await new Promise(setImmediate); } controller.close(); },
        }), { headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"]] });
        export const post = () => new Promise(() => {});
      `,
    });
    const answer = await project.fetch("/");
    expect(await answer.text()).toBe("one two");
    expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    const request = project.fetch("/", { method: "POST", signal: AbortSignal.timeout(20) });
    await expect(request).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("answers 500 to what a route throws, and prints it", async () => {
    const print = vi.spyOn(console, "error").mockImplementation(() => {});
    const { project } = await startTestProject(
      { "api/index.ts": 'export const get = () => { throw new Error("secret"); };' },
      { quiet: false },
    );
    const answer = await project.fetch("/");
    expect([answer.status, await answer.text()]).toEqual([500, expect.not.stringContaining("secret")]);
    expect(print).toHaveBeenCalledWith(expect.any(String), expect.objectContaining({ message: "secret" }));
    print.mockRestore();
  });
});

describe("a project", () => {
  test("remembers what was pushed where, with its options", async () => {
    const { project } = await startTestProject({
      "queues/emails.ts": emails,
      "queues/orders.fifo.ts": "export default () => {}",
    });
    const first = await project.push("emails", { a: 1 }, { delay: "5m", job: "welcome", group: "tenant" });
    await project.push("orders.fifo", "text", { group: 7, dedupe: "once" });
    const pushedAt = new Date("2027-01-01T12:00:00Z");
    expect(project.pushed()).toEqual([
      {
        queueName: "emails",
        jobId: first,
        job: "welcome",
        payload: { a: 1 },
        group: "tenant",
        dedupe: null,
        isDuplicate: false,
        tag: null,
        dueAt: new Date("2027-01-01T12:05:00Z"),
        pushedAt,
      },
      expect.objectContaining({
        queueName: "orders.fifo",
        payload: "text",
        group: "7",
        dedupe: "once",
        dueAt: null,
      }),
    ]);
    expect(project.pushed("emails")).toHaveLength(1);
    expect(() => project.pushed("email")).toThrow(expect.objectContaining({ code: "QR_QUEUE_NOT_FOUND" }));
    await expect(project.push("email", 1)).rejects.toMatchObject({ code: "QR_QUEUE_NOT_FOUND" });
  });

  test("warms up once for all of its functions, and gives handlers the project's environment", async () => {
    const { project, noted } = await startTestProject(
      {
        "index.ts": 'export async function warmup() { await null; note("warm"); }',
        "queue-run.config.ts":
          'export default ({ stage }) => ({ env: { FROM_CONFIG: stage, FROM_BOTH: "config" } });',
        "queues/one.ts":
          "export default () => note(process.env.FROM_CONFIG, process.env.FROM_BOTH, process.env.QUEUE_RUN_STAGE);",
        "queues/two.ts": 'export default () => note("two");',
        "api/index.ts": 'import { url } from "queue-run"; export const get = () => url.for("/x")();',
      },
      { env: { FROM_BOTH: "test" } },
    );
    await Promise.all([project.push("one"), project.push("two")]);
    await project.drain();
    await project.fetch("/");
    expect(noted).toEqual(expect.arrayContaining(["warm", ["test", "test", "test"], "two"]));
    expect(noted).toHaveLength(3);
    await project.stop();
    expect(process.env).not.toHaveProperty("FROM_CONFIG");
    expect(globalThis).not.toHaveProperty("awslambda");
  });

  test("is over when it is stopped, and when another is started", async () => {
    const { project: first } = await startTestProject({ "queues/emails.ts": emails });
    const { project: second } = await startTestProject({ "queues/emails.ts": emails });
    await expect(first.drain()).rejects.toMatchObject({
      code: "QR_TEST_PROJECT_STOPPED",
      message: expect.stringContaining("another was started"),
    });
    await second.stop();
    await second.stop();
    await expect(second.push("emails", 1)).rejects.toMatchObject({ code: "QR_TEST_PROJECT_STOPPED" });
    await expect(second.fetch("/")).rejects.toMatchObject({ code: "QR_TEST_PROJECT_STOPPED" });
  });

  test("says every problem of its files", async () => {
    await expect(startTestProject({ "queues/empty.ts": "", "schedules/none.ts": "" })).rejects.toMatchObject({
      code: "QR_PROJECT_PROBLEMS",
      message: expect.stringMatching(/queues\/empty\.ts[\s\S]*schedules\/none\.ts/),
    });
  });

  test("says so when timers are faked that it needs", async () => {
    const { project } = await startTestProject({ "queues/emails.ts": emails });
    vi.useFakeTimers();
    try {
      await expect(project.push("emails", 1)).rejects.toMatchObject({ code: "QR_TIMERS_ARE_FAKED" });
      vi.useRealTimers();
      vi.useFakeTimers({ toFake: ["Date", "setTimeout"] });
      await project.push("emails", 1);
      expect((await project.drain()).runs).toHaveLength(1);
    } finally {
      vi.useRealTimers();
    }
  });

  test("is one of the folder that it is told", async () => {
    await expect(projectStarter({})({ root: "/nowhere/at/all" })).rejects.toMatchObject({
      code: "QR_PROJECT_PROBLEMS",
    });
  });
});
