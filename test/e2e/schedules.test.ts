import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../harness/command.js";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { journalOf, journalSource } from "../harness/journal.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

const SCHEDULES = {
  "schedules/report.ts": `
    import { queues, type ScheduleConfig, type ScheduleEvent } from "queue-run";
    import { note } from "#lib/journal.js";
    export const schedule = "weekdays at 9:00";
    export const config = { timezone: "Europe/Berlin" } satisfies ScheduleConfig;
    export default async function ({ name, jobId, cron, scheduledAt, signal }: ScheduleEvent) {
      note("report", { name, jobId, cron, scheduledAt: scheduledAt.toISOString(), aborted: signal.aborted });
      void queues("emails").push({ from: name });
    }`,
  "schedules/broken.ts": `
    export const schedule = "never";
    export default async () => { throw new RangeError("it broke"); };`,
  "schedules/slow.ts": `
    import { note, waitForFile } from "#lib/wait.js";
    export const schedule = "never";
    export default async () => { note("slow", {}); await waitForFile("go"); };`,
  "schedules/exits.ts": `
    export const schedule = "never";
    export default async () => process.exit(3);`,
  "queues/emails.ts": `
    import { note } from "#lib/journal.js";
    export default async (payload: { from: string }) => note("email", payload);`,
  "lib/journal.ts": journalSource,
  "lib/wait.ts": `
    import { existsSync } from "node:fs";
    export { note } from "#lib/journal.js";
    export async function waitForFile(name: string) {
      while (!existsSync(name)) await new Promise((resolve) => setTimeout(resolve, 10));
    }`,
};

describe("schedules in development", () => {
  let project: TemporaryProject;
  let server: DevServer;

  beforeAll(async () => {
    project = makeProject(SCHEDULES, { keep: true });
    server = await startDev(project.folder, { keep: true });
  });

  afterAll(async () => {
    await server?.stop();
    project?.dispose();
  });

  const run = (...args: string[]) => runCommand(["dev", "schedule", ...args], { cwd: project.folder });
  const entries = (event: string) => journalOf(project.folder).entries(event);

  it("are listed with their next run", async () => {
    expect(server.command.stdout()).toMatch(
      /report +weekdays at 9:00 \(Europe\/Berlin\) +next \d{4}-\d\d-\d\d 09:00 +schedules\/report\.ts/,
    );
    const status = await (await server.fetch("/_queue-run/status")).json();
    const [report] = status.schedules.filter(({ name }: { name: string }) => name === "report");
    expect(Date.parse(report.nextRun)).toBeGreaterThan(Date.now());
  });

  it("run now, and what they push is sent", async () => {
    const { code, stdout, stderr } = await run("report");
    expect([code, stderr]).toEqual([0, ""]);
    const [entry] = entries("report");
    expect(entry).toMatchObject({ name: "report", cron: "0 9 * * 1-5", aborted: false });
    expect(Math.abs(Date.parse(String(entry?.scheduledAt)) - Date.now())).toBeLessThan(60_000);
    expect(stdout).toMatch(/^Ran report in [\d.]+ m?s/);
    expect(stdout).toContain(String(entry?.jobId));
    expect(await journalOf(project.folder).until("email", 1)).toMatchObject([{ from: "report" }]);
    await server.printed(/report [0-9a-f]{8} done in/);
    const asJson = await run("report", "--json");
    expect(JSON.parse(asJson.stdout)).toMatchObject({ schedule: "report", jobId: expect.any(String) });
  });

  it("that fail, fail the command, and are told of with their place", async () => {
    const { code, stderr } = await run("broken");
    expect(code).toBe(1);
    expect(stderr).toContain('The run of the schedule "broken" failed: RangeError: it broke');
    await server.printed(/broken [0-9a-f]{8} failed after .*given up[\s\S]*schedules\/broken\.ts:3/);
    expect((await run("exits")).stderr).toContain("the handler ended its process (exit code 3)");
    await server.printed(/exits [0-9a-f]{8} failed: the handler ended its process/);
    expect((await run("broken")).code).toBe(1);
  });

  it("do not overlap", async () => {
    const first = run("slow");
    await expect.poll(() => entries("slow").length, { timeout: 10_000 }).toBe(1);
    const second = await run("slow");
    expect([second.code, second.stderr]).toEqual([1, expect.stringContaining("the run before it goes on")]);
    project.write("go", "");
    expect((await first).code).toBe(0);
    expect(entries("slow")).toHaveLength(1);
  });

  it("have names", async () => {
    const { code, stderr } = await run("reprot");
    expect([code, stderr]).toEqual([1, expect.stringContaining("Did you mean report?")]);
  });

  it("are what was saved last; new ones run, removed ones do not", async () => {
    project.write(
      "schedules/new.ts",
      'import { note } from "#lib/journal.js"; export const schedule = "every hour"; export default () => note("new", { text: "one" });',
    );
    await expect.poll(async () => (await run("new")).code, { timeout: 20_000 }).toBe(0);
    project.write(
      "schedules/new.ts",
      'import { note } from "#lib/journal.js"; export const schedule = "every hour"; export default () => note("new", { text: "two" });',
    );
    await server.printed(/schedules\/new\.ts reloaded[\s\S]*schedules\/new\.ts reloaded/);
    expect((await run("new")).code).toBe(0);
    expect(entries("new").at(-1)).toMatchObject({ text: "two" });
    project.remove("schedules/new.ts");
    await expect
      .poll(async () => (await run("new")).stderr, { timeout: 20_000 })
      .toContain('There is no schedule "new"');
  });
});
