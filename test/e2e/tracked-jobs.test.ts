import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../harness/command.js";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { journalOf, journalSource } from "../harness/journal.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";
import { waitFor } from "../harness/wait-for.js";

/** A tracked queue whose jobs do what their payload says, and wait for a file of their name to go on. */
const jobs = `
  import { existsSync } from "node:fs";
  import { setTimeout as sleep } from "node:timers/promises";
  import { fatal, type JobMetadata, queues } from "queue-run";
  import { note } from "#lib/journal.js";
  export const config = { track: true, timeout: 120, backoff: "none" } as const;
  type Payload = { name: string; exits?: boolean; fails?: boolean };
  export const queue = queues.self<Payload, string>();
  export default async function ({ name, exits, fails }: Payload, { attempt, jobId, progress }: JobMetadata) {
    note("started", { name, attempt, jobId });
    if (exits && attempt === 1) process.exit(3);
    if (fails && !existsSync("mended")) throw fatal("it cannot succeed");
    await progress({ at: name });
    while (!existsSync(name)) await sleep(10);
    note("finished", { name, attempt });
    return name + " is done";
  }`;

const files = {
  "lib/journal.ts": journalSource,
  "queues/jobs.ts": jobs,
  "queues/ordered.fifo.ts": jobs.replace("queues.self<", "queues.self.fifo<"),
  "api/jobs/index.ts": 'import { queue } from "#queues/jobs.js"; export const post = queue.http;',
  "api/jobs/[jobId].ts": 'import { queue } from "#queues/jobs.js"; export const get = queue.statusHttp;',
  "api/ordered/[group].ts": `
    import { queue } from "#queues/ordered.fifo.js";
    export const post = ({ body, params }) => queue.tag("of:" + params.group).push(body, { group: params.group, dedupe: false });
    export const del = ({ params }) => queue.cancel("of:" + params.group);`,
  "api/later.ts": `
    import { queue } from "#queues/jobs.js";
    export const post = ({ body }) => queue.delay("2s").push(body);
    export const del = ({ query }) => queue.cancel({ jobId: query.jobId });`,
};

const json = { "content-type": "application/json" };

describe("a tracked queue in development", () => {
  let project: TemporaryProject;
  let server: DevServer;

  beforeAll(async () => {
    project = makeProject(files, { keep: true });
    server = await startDev(project.folder, { keep: true });
  });

  afterAll(async () => {
    await server?.stop();
    project?.dispose();
  });

  const push = (payload: object) => server.post("/jobs", JSON.stringify(payload), json);
  const status = async (jobId: string) =>
    (await (await server.fetch(`/jobs/${jobId}`)).json()) as Record<string, unknown>;
  const reaches = (jobId: string, wanted: object) =>
    waitFor(`${jobId} to be ${JSON.stringify(wanted)}`, async () => {
      const seen = await status(jobId);
      return Object.entries(wanted).every(([key, value]) => seen[key] === value) ? seen : null;
    });
  const of = (name: string) =>
    journalOf(project.folder)
      .entries("started")
      .filter((entry) => entry.name === name);

  it("tells a page, from a route, how far its job is, and what came of it", async () => {
    const response = await server.fetch("/jobs", {
      method: "POST",
      body: '{"name":"told"}',
      headers: json,
    });
    expect(response.status).toBe(202);
    const location = response.headers.get("location") ?? "";
    const jobId = response.headers.get("x-job-id") ?? "";
    expect(location).toContain(`/jobs/${jobId}`);
    const running = await reaches(jobId, { status: "running" });
    expect(running).toMatchObject({ attempt: 1, maxAttempts: 5, queueName: "jobs", result: null });
    await waitFor("progress", async () => ((await status(jobId)).progress ? true : null));
    expect(await status(jobId)).toMatchObject({ status: "running", progress: { at: "told" } });
    project.write("told", "");
    expect(await reaches(jobId, { status: "completed" })).toMatchObject({
      result: "told is done",
      progress: { at: "told" },
      error: null,
    });
    expect((await server.fetch("/jobs/nobody")).status).toBe(404);
  });

  it("runs a job again, soon, whose handler ended its process; the attempt counts", async () => {
    const startedAt = Date.now();
    project.write("ender", "");
    const jobId = await push({ name: "ender", exits: true });
    expect(await reaches(jobId, { status: "completed" })).toMatchObject({ attempt: 2 });
    expect(of("ender").map(({ attempt }) => attempt)).toEqual([1, 2]);
    // Its lease was for two minutes.
    expect(Date.now() - startedAt).toBeLessThan(60_000);
  });

  it("cancels by tag what waits, counts it, and leaves alone what runs", async () => {
    const post = async (name: string) =>
      (
        await server.fetch("/ordered/g", { method: "POST", body: JSON.stringify({ name }), headers: json })
      ).text();
    for (const name of ["g1", "g2", "g3", "g4"]) await post(name);
    await waitFor("g1 to run", () => (of("g1").length > 0 ? true : null));
    const cancelled = await server.fetch("/ordered/g", { method: "DELETE" });
    expect(await cancelled.json()).toEqual({ cancelled: 3 });
    expect(await (await server.fetch("/ordered/g", { method: "DELETE" })).json()).toEqual({ cancelled: 0 });
    project.write("g1", "");
    project.write("g5", "");
    await post("g5");
    await journalOf(project.folder).until("finished", 3);
    await server.sqs.drained("ordered.fifo");
    expect(["g2", "g3", "g4"].flatMap(of)).toEqual([]);
    expect(of("g5")).toHaveLength(1);
    expect(server.command.output()).toMatch(/cancelled/);
  });

  it("does not run a delayed job that was cancelled before it was due", async () => {
    const answer = await server.fetch("/later", { method: "POST", body: '{"name":"never"}', headers: json });
    const jobId = await answer.text();
    const cancelled = await server.fetch(`/later?jobId=${jobId}`, { method: "DELETE" });
    expect(await cancelled.json()).toEqual({ cancelled: 1 });
    await server.sqs.drained("jobs");
    expect(of("never")).toEqual([]);
    expect(await status(jobId)).toMatchObject({ status: "cancelled", attempt: 0 });
  });

  it("retries a dead letter under its id: it waits again at once, with attempts from the start", async () => {
    const jobId = await push({ name: "picky", fails: true });
    const failed = await reaches(jobId, { status: "failed" });
    expect(failed).toMatchObject({ attempt: 1, error: { message: "it cannot succeed" } });
    expect(failed.error).not.toHaveProperty("stack", expect.any(String));
    project.write("mended", "");
    project.write("picky", "");
    const run = (...args: string[]) => runCommand(["dev", "failed", ...args], { cwd: project.folder });
    await expect.poll(async () => (await run("retry", jobId)).code, { timeout: 20_000 }).toBe(0);
    expect(await reaches(jobId, { status: "completed" })).toMatchObject({
      attempt: 1,
      result: "picky is done",
    });
    expect(of("picky").map(({ attempt }) => attempt)).toEqual([1, 1]);
  });

  it("runs again, at once and as another attempt, what ran when the server was killed", async () => {
    const jobId = await push({ name: "killed" });
    const waiting = await push({ name: "waiting" });
    await waitFor("both to run", () => (of("killed").length + of("waiting").length === 2 ? true : null));
    const killedAt = Date.now();
    await server.kill();
    server = await startDev(project.folder, { keep: true });
    await waitFor("it to run again", () => (of("killed").length === 2 ? true : null));
    expect(Date.now() - killedAt).toBeLessThan(60_000);
    expect(of("killed").map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(await status(jobId)).toMatchObject({ status: "running", attempt: 2 });
    project.write("killed", "");
    project.write("waiting", "");
    for (const id of [jobId, waiting])
      expect(await reaches(id, { status: "completed" })).toMatchObject({ attempt: 2 });
  });
});
