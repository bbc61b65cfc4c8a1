import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { journalOf, journalSource } from "../harness/journal.js";
import { type Moto, motoMissing, startMoto } from "../harness/moto.js";
import { makeStage, startSqs } from "../harness/stage.js";
import { createStageTable } from "../harness/stage-table.js";
import { startProcess } from "../harness/started-process.js";
import { makeProject } from "../harness/temporary-project.js";
import { waitFor } from "../harness/wait-for.js";

const missing = motoMissing();
if (missing) console.log(`Tracked queues under start are not tried: ${missing}`);

const files = {
  "lib/journal.ts": journalSource,
  "queues/jobs.ts": `
    import { existsSync } from "node:fs";
    import { setTimeout as sleep } from "node:timers/promises";
    import { type JobMetadata, queues } from "queue-run";
    import { note } from "#lib/journal.js";
    export const config = { track: true, timeout: 4, backoff: "none" } as const;
    export const queue = queues.self<string>();
    export default async (payload: string, { attempt, progress }: JobMetadata) => {
      note("started", { payload, attempt });
      if (payload === "exits" && attempt === 1) process.exit(3);
      await progress(attempt);
      while (payload === "waits" && !existsSync("open")) await sleep(10);
      return payload;
    };`,
  "api/index.ts": 'import { queue } from "#queues/jobs.js"; export const post = queue.http;',
  "api/[jobId].ts": 'import { queue } from "#queues/jobs.js"; export const get = queue.statusHttp;',
};

/** As long as a message is kept invisible for a process that has died, and a bit. */
const KEPT_MS = 31_000;
/** What a job's lease is longer than its timeout, and a bit. */
const LEASE_MS = 4_000 + 5_000 + 1_000;

describe.skipIf(missing)("start, with a tracked queue", () => {
  let moto: Moto;
  beforeAll(async () => {
    moto = await startMoto();
    await createStageTable(moto.endpoint, "test-project-prod");
  }, 70_000);
  afterAll(() => moto?.stop());

  async function begin() {
    const { endpoint, clock } = await startSqs();
    const stage = await makeStage(endpoint, ["jobs"]);
    const env = { ...stage.env, AWS_ENDPOINT_URL_DYNAMODB: moto.endpoint };
    const project = makeProject(files);
    const attempts = (payload: string) =>
      journalOf(project.folder)
        .entries("started")
        .filter((entry) => entry.payload === payload)
        .map(({ attempt }) => attempt);
    return { clock, env, project, attempts, sqs: stage.sqs };
  }
  type Server = Awaited<ReturnType<typeof startProcess>>;
  const push = async (server: Server, payload: string) => {
    const headers = { "content-type": "text/plain" };
    const answer = await server.fetch("/", { method: "POST", body: payload, headers });
    expect(answer.status).toBe(202);
    return answer.headers.get("x-job-id") ?? "";
  };
  const reaches = (server: Server, jobId: string, status: string) =>
    waitFor(`${jobId} to be ${status}`, async () => {
      const seen = (await (await server.fetch(`/${jobId}`)).json()) as { status: string };
      return seen.status === status ? seen : null;
    });

  it("records progress and results; a thread that ends costs an attempt", async () => {
    const { env, project, attempts, clock, sqs } = await begin();
    const server = await startProcess(project.folder, env);
    const done = await push(server, "done");
    expect(await reaches(server, done, "completed")).toMatchObject({
      attempt: 1,
      progress: 1,
      result: "done",
    });
    const exits = await push(server, "exits");
    await waitFor("it to have exited", () => (attempts("exits").length === 1 ? true : null));
    const moving = setInterval(() => clock.advance(1_000), 250);
    const ended = await reaches(server, exits, "completed").finally(() => clearInterval(moving));
    expect(ended).toMatchObject({ attempt: 2, result: "exits" });
    expect(attempts("exits")).toEqual([1, 2]);
    await sqs.drained("jobs");
    expect(await server.end("SIGTERM")).toBe(0);
  });

  it("runs again, as another attempt, what ran when a process was killed: when its lease is over", async () => {
    const { env, project, attempts, clock } = await begin();
    const first = await startProcess(project.folder, env);
    const jobId = await push(first, "waits");
    await waitFor("it to run", () => (attempts("waits").length === 1 ? true : null));
    const startedAt = Date.now();
    first.command.signal("SIGKILL");
    await first.command.ended;
    const second = await startProcess(project.folder, env);
    clock.advance(KEPT_MS);
    project.write("open", "");
    await waitFor("the lease to be over", () => (Date.now() > startedAt + LEASE_MS ? true : null));
    clock.advance(LEASE_MS);
    expect(await reaches(second, jobId, "completed")).toMatchObject({ attempt: 2, result: "waits" });
    expect(attempts("waits")).toEqual([1, 2]);
    await second.end("SIGTERM");
  });
});
