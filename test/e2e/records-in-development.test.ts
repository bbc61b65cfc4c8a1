import { expect, it } from "vitest";
import { runCommand } from "../harness/command.js";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { journalOf, journalSource } from "../harness/journal.js";
import { makeProject } from "../harness/temporary-project.js";
import { waitFor } from "../harness/wait-for.js";

const files = {
  "lib/journal.ts": journalSource,
  "queues/jobs.ts": `
    import { existsSync } from "node:fs";
    import { setTimeout as sleep } from "node:timers/promises";
    import { queues } from "queue-run";
    import { note } from "#lib/journal.js";
    export const config = { track: true, backoff: "none" as const };
    export const queue = queues.self<string>();
    export default async function (payload: string, { attempt }: { attempt: number }) {
      note("started", { payload, attempt });
      if (payload === "exits" && attempt === 1) process.exit(1);
      if (payload === "waits") while (!existsSync("open")) await sleep(10);
      return { payload, attempt };
    }`,
  "api/jobs.ts": 'import { queue } from "#queues/jobs.js"; export const post = queue.http;',
  "api/jobs/[jobId].ts": 'import { queue } from "#queues/jobs.js"; export const get = queue.statusHttp;',
  "script.mjs": `
    import { queues } from "queue-run";
    const queue = queues.get("jobs");
    const result = await queue.result(await queue.push("from a script"), { timeout: "20s" });
    const later = await queue.delay("2h").push("later");
    const { status, dueAt } = await queue.status(later);
    const cancelled = await queue.cancel({ jobId: later });
    console.log(JSON.stringify({ result, status, isDue: Date.parse(dueAt) > Date.now() + 7_000_000, cancelled }));`,
};
const text = { "content-type": "text/plain" };

async function statusOf(server: DevServer, jobId: string): Promise<Record<string, unknown>> {
  return (await server.fetch(`/jobs/${jobId}`)).json() as Promise<Record<string, unknown>>;
}

async function completed(server: DevServer, jobId: string): Promise<Record<string, unknown>> {
  await waitFor(
    `${jobId} to be completed`,
    async () => (await statusOf(server, jobId)).status === "completed",
  );
  return statusOf(server, jobId);
}

it("runs a tracked job again at once whose process, or whose dev server, has died", async () => {
  const project = makeProject(files);
  const journal = journalOf(project.folder);
  let server = await startDev(project.folder);

  const exits = await server.post("/jobs", "exits", text);
  const before = Date.now();
  expect(await completed(server, exits)).toMatchObject({
    attempt: 2,
    result: { payload: "exits", attempt: 2 },
  });
  // Its lease would have gone on for minutes.
  expect(Date.now() - before).toBeLessThan(15_000);

  const waits = await server.post("/jobs", "waits", text);
  await journal.until("started", 3);
  expect(await statusOf(server, waits)).toMatchObject({ status: "running", attempt: 1 });
  await server.kill();

  server = await startDev(project.folder);
  await journal.until("started", 4);
  project.write("open", "");
  expect(await completed(server, waits)).toMatchObject({ attempt: 2 });
  // What was recorded before is still there.
  expect(await statusOf(server, exits)).toMatchObject({ status: "completed", attempt: 2 });
  await server.kill();

  server = await startDev(project.folder, { arguments: ["--fresh"] });
  expect((await server.fetch(`/jobs/${exits}`)).status).toBe(404);
  await server.stop();
});

it("gives scripts the same records, and the same Scheduler", async () => {
  const project = makeProject(files);
  const server = await startDev(project.folder);
  const { code, stdout, stderr } = await runCommand(["exec", "--", process.execPath, "script.mjs"], {
    cwd: project.folder,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toEqual({
    result: { payload: "from a script", attempt: 1 },
    status: "pending",
    isDue: true,
    cancelled: { cancelled: 1 },
  });
  await server.stop();
});
