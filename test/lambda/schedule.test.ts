import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import { scheduleInput } from "@queue-run/runtime/config";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type LocalQueues, sqsAt } from "../harness/local-queues.js";
import { type Moto, motoMissing, startMoto } from "../harness/moto.js";
import { type PackagedProject, packageProject } from "../harness/packaged-project.js";
import { createRicInstance, type RicInstance, ricMissing } from "../harness/ric.js";
import { createStageTable, type StageTable } from "../harness/stage-table.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";
import { waitFor } from "../harness/wait-for.js";

const missing = ricMissing() ?? motoMissing();
if (missing) console.log(`Schedules on Lambda's own runtime are skipped: ${missing}`);

const FILES = {
  "schedules/report.ts": `
    import { queues } from "queue-run";
    export const schedule = "weekdays at 9:00";
    export const config = { timezone: "Europe/Berlin", overlap: "allow" };
    export default async function ({ name, jobId, cron, scheduledAt }) {
      console.log("running", { name, cron, jobId, scheduledAt });
      void queues("emails").push({ from: name });
    }`,
  "schedules/fails.ts": `
    export const schedule = "0 9 13 * 5";
    export const config = { overlap: "allow", retries: 1 };
    export default async () => { throw new RangeError("no report today"); };`,
  "schedules/hangs.ts": `
    export const schedule = "every 45 minutes";
    export const config = { timeout: 1, overlap: "allow" };
    export default () => new Promise(() => {});`,
  "schedules/alone.ts": `
    import { existsSync } from "node:fs";
    export const schedule = "every minute";
    export default async function () {
      console.log("alone");
      while (!existsSync(process.env.GO ?? "")) await new Promise((resolve) => setTimeout(resolve, 10));
    }`,
  "queues/emails.ts": "export default () => {};",
};

describe.skipIf(missing)("schedules under AWS's runtime", () => {
  let project: TemporaryProject;
  let packaged: PackagedProject;
  let moto: Moto;
  let sqs: LocalQueues;
  let table: StageTable;
  const instances: RicInstance[] = [];

  beforeAll(async () => {
    project = makeProject(FILES, { keep: true });
    [packaged, moto] = await Promise.all([packageProject(project.folder), startMoto()]);
    sqs = sqsAt(moto.endpoint, { prefix: "app-test-" });
    await sqs.client.send(new CreateQueueCommand({ QueueName: "app-test-emails" }));
    table = await createStageTable(moto.endpoint, "app-test");
  });

  afterAll(async () => {
    for (const instance of instances) instance.stop();
    sqs?.close();
    await moto?.stop();
    project?.dispose();
  });

  beforeEach(() => table.clear());

  function instanceOf(schedule: string): RicInstance {
    const instance = createRicInstance({
      zip: packaged.zipOf(`schedule:${schedule}`),
      functionName: `app-test-schedule-${schedule}`,
      env: {
        QUEUE_RUN_PROJECT: "app",
        QUEUE_RUN_STAGE: "test",
        QUEUE_RUN_SQS_URL_PREFIX: `${moto.endpoint}/123456789012/`,
        QUEUE_RUN_TABLE: table.name,
        AWS_ENDPOINT_URL: moto.endpoint,
        GO: project.path("go"),
      },
    });
    instances.push(instance);
    return instance;
  }

  /** What EventBridge Scheduler makes of the target's input. */
  const due = (schedule: string, scheduledAt = "2026-11-23T08:00:00Z") =>
    JSON.parse(
      scheduleInput(schedule)
        .replace("<aws.scheduler.scheduled-time>", scheduledAt)
        .replace("<aws.scheduler.execution-id>", "d32c5kddcf5bb8c3"),
    );

  it("run, log as JSON, and have sent what they pushed before they answer", async () => {
    const instance = instanceOf("report");
    expect(await instance.invoke(due("report"))).toMatchObject({ ok: true });
    const [message] = await sqs.take("emails", 1);
    expect(message?.Body).toBe('{"from":"report"}');
    expect(instance.jsonLogs()).toContainEqual(
      expect.objectContaining({
        handler: "report",
        jobId: "d32c5kddcf5bb8c3",
        message: expect.stringMatching(/0 9 \* \* 1-5.*2026-11-23T08:00:00/),
      }),
    );
  });

  it("run whatever invokes them", async () => {
    const instance = instanceOf("report");
    for (const event of [JSON.parse(scheduleInput("report")), {}, null])
      expect(await instance.invoke(event)).toMatchObject({ ok: true });
  });

  it("that fail, fail for Lambda with their own error, which then retries", async () => {
    const instance = instanceOf("fails");
    const requestId = "11111111-1111-4111-8111-111111111111";
    for (const attempt of [1, 2]) {
      const { ok, body } = await instance.invoke(due("fails"), { requestId });
      expect([ok, JSON.parse(body.toString())]).toEqual([
        false,
        expect.objectContaining({ errorType: "RangeError", errorMessage: "no report today" }),
      ]);
      expect(instance.jsonLogs()).toContainEqual(
        expect.objectContaining({
          message: expect.stringContaining(`Run, attempt ${attempt} of 2, failed`),
          level: attempt === 1 ? "WARN" : "ERROR",
        }),
      );
    }
    expect(instance.logs().join("\n")).toMatch(/schedules\/fails\.ts:4:\d+/);
  });

  it("past their time have failed, and the instance goes on", async () => {
    const instance = instanceOf("hangs");
    for (const _ of [1, 2]) {
      const { ok, body } = await instance.invoke(due("hangs"));
      expect([ok, body.toString()]).toEqual([false, expect.stringContaining("did not finish within 1 s")]);
    }
    expect(instance.starts()).toBe(1);
  });

  it("do not overlap, over all instances", async () => {
    const [one, other] = [instanceOf("alone"), instanceOf("alone")];
    const running = one.invoke(due("alone"));
    await waitFor("the first run to begin", () => one.jsonLogs().some(({ message }) => message === "alone"));
    const [item] = await table.items();
    expect(item).toMatchObject({ pk: { S: "schedule#alone" }, leaseHolder: { S: "d32c5kddcf5bb8c3" } });
    expect(await other.invoke({ ...due("alone"), executionId: "another" })).toMatchObject({ ok: true });
    expect(other.jsonLogs()).toContainEqual(
      expect.objectContaining({ level: "WARN", message: "Skipped a run: the run before it goes on" }),
    );
    project.write("go", "");
    expect(await running).toMatchObject({ ok: true });
    expect(await table.items()).toEqual([]);
    expect(await other.invoke({ ...due("alone"), executionId: "next" })).toMatchObject({ ok: true });
    expect(other.jsonLogs()).toContainEqual(expect.objectContaining({ message: "alone" }));
  });
});
