import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scheduleInput } from "../../packages/runtime/src/schedule/schedule-input.js";
import { packageProject } from "../harness/packaged-project.js";
import { createRicInstance, type RicInstance, ricMissing } from "../harness/ric.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

const missing = ricMissing();
if (missing) console.log(`Schedules on Lambda's own runtime are skipped: ${missing}`);

describe.skipIf(missing)("schedules under AWS's runtime", () => {
  let project: TemporaryProject;
  const instances: RicInstance[] = [];
  let start: (name: string) => RicInstance;
  beforeAll(async () => {
    project = makeProject(
      {
        "schedules/hourly.ts": `
          export const schedule = "0 * * * *";
          export const config = { overlap: "allow" };
          export default ({ name, jobId, scheduledAt }) => console.log("ran", { name, jobId, scheduledAt });`,
        "schedules/failing.ts": `
          export const schedule = "daily";
          export const config = { overlap: "allow" };
          export default () => { throw new TypeError("failed on purpose"); };`,
      },
      { keep: true },
    );
    const { zipOf } = await packageProject(project.folder);
    start = (name) => {
      const env = { QUEUE_RUN_PROJECT: "app", QUEUE_RUN_STAGE: "test" };
      const instance = createRicInstance({ zip: zipOf(`schedule:${name}`), env });
      instances.push(instance);
      return instance;
    };
  });
  afterAll(() => {
    for (const instance of instances) instance.stop();
    project.dispose();
  });
  /** As EventBridge Scheduler fills it in. */
  const eventOf = (name: string) =>
    JSON.parse(
      scheduleInput(name)
        .replace("<aws.scheduler.scheduled-time>", "2026-01-12T19:00:00Z")
        .replace("<aws.scheduler.execution-id>", "d32c5kddcf5bb8c3"),
    );

  it("run with the time they were due at", async () => {
    const hourly = start("hourly");
    expect(await hourly.invoke(eventOf("hourly"))).toMatchObject({ ok: true, streamed: false });
    const ran = hourly.jsonLogs().find(({ message }) => String(message).startsWith("ran"));
    expect(ran).toMatchObject({ level: "INFO", handler: "hourly" });
    expect(ran?.message).toMatch(/2026-01-12T19:00:00/);
  });

  it("fail their invocation, so that Lambda counts and repeats it, and log the source's place", async () => {
    const failing = start("failing");
    const { ok, body } = await failing.invoke(eventOf("failing"));
    expect(ok).toBe(false);
    expect(JSON.parse(body.toString("utf8"))).toMatchObject({
      errorType: "TypeError",
      errorMessage: "failed on purpose",
    });
    expect(failing.logs().join("\n")).toMatch(/schedules\/failing\.ts:4:\d+/);
  });
});
