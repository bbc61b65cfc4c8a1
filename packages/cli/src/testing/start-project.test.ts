import { describe, expect, test, vi } from "vitest";
import { projectStarter } from "./start-project.js";
import { emails, startTestProject } from "./testing-project.js";

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

  test("gives jobs ids that no other project has given, chaos or not", async () => {
    const idOfFirst = async () => {
      const { project } = await startTestProject({ "queues/emails.ts": emails }, { chaos: { seed: 1 } });
      return project.push("emails", 1);
    };
    expect(await idOfFirst()).not.toBe(await idOfFirst());
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
