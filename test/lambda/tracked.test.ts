import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DeployedProject, deployProject } from "../harness/deployed-project.js";
import { motoMissing } from "../harness/moto.js";
import { waitFor } from "../harness/wait-for.js";

const missing = motoMissing();
if (missing) console.log(`Deployed code of tracked queues is not run: ${missing}`);

const FILES = {
  "package.json": JSON.stringify({ name: "shop", private: true, type: "module" }),
  "api/exports/index.ts": 'import { queue } from "#queues/exports.js"; export const post = queue.http;',
  "api/exports/[jobId].ts":
    'import { queue } from "#queues/exports.js"; export const get = queue.statusHttp;',
  "api/tagged/[tag].ts": `
    import { queue } from "#queues/exports.js";
    export const post = ({ body, params }) => queue.tag(params.tag).delay(600).push(body);
    export const del = ({ params }) => queue.cancel(params.tag);`,
  "queues/exports.ts": `
    import { fatal, type JobMetadata, queues } from "queue-run";
    export const config = { track: true, backoff: "none", timeout: 20 } as const;
    type Payload = { name: string; fails?: number };
    export const queue = queues.self<Payload>();
    export default async ({ name, fails = 0 }: Payload, { attempt, progress }: JobMetadata) => {
      console.log("attempt", attempt, "at", name);
      await progress({ rows: attempt });
      if (fails < 0 && !process.env.MENDED) throw fatal("no such " + name);
      if (attempt <= fails) throw new Error("not yet");
      return { file: name + ".csv" };
    };`,
};

describe.skipIf(missing)("a tracked queue that was deployed", () => {
  let deployed: DeployedProject;
  beforeAll(async () => {
    deployed = await deployProject(FILES);
  }, 180_000);
  afterAll(() => deployed?.stop());

  async function push(payload: object): Promise<string> {
    const pushed = await fetch(`${deployed.url}/exports`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(payload),
    });
    expect(pushed.status).toBe(202);
    expect(pushed.headers.get("location")).toContain("/exports/");
    return pushed.headers.get("x-job-id") ?? "";
  }
  const status = async (jobId: string) =>
    (await (await fetch(`${deployed.url}/exports/${jobId}`)).json()) as Record<string, unknown>;
  const reaches = (jobId: string, wanted: string) =>
    waitFor(
      `${jobId} to be ${wanted} in ${JSON.stringify(deployed.standIn.failures())}`,
      async () => {
        const seen = await status(jobId);
        return seen.status === wanted ? seen : null;
      },
      { deadlineMs: 60_000 },
    );

  it("keeps a record of each job in the stage's table: attempts, progress, result", async () => {
    const jobId = await push({ name: "users", fails: 2 });
    expect(await reaches(jobId, "completed")).toMatchObject({
      attempt: 3,
      maxAttempts: 5,
      progress: { rows: 3 },
      result: { file: "users.csv" },
      error: null,
    });
    expect(deployed.standIn.failures()).toEqual([]);
  });

  it("cancels by tag, and counts", async () => {
    const headers = { "content-type": "application/json" };
    for (const name of ["a", "b"])
      await fetch(`${deployed.url}/tagged/t1`, { method: "POST", headers, body: JSON.stringify({ name }) });
    const cancel = async () => (await fetch(`${deployed.url}/tagged/t1`, { method: "DELETE" })).json();
    expect(await cancel()).toEqual({ cancelled: 2 });
    expect(await cancel()).toEqual({ cancelled: 0 });
  });

  it("says that a dead letter which is retried waits again, and runs it under its id", async () => {
    const jobId = await push({ name: "nothing", fails: -1 });
    expect(await reaches(jobId, "failed")).toMatchObject({
      attempt: 1,
      error: { message: "no such nothing" },
    });
    expect(await deployed.run(["failed", "retry", jobId, "--stage", "test"])).toMatchObject({ code: 0 });
    // It fails once more, in its second life.
    await waitFor("its second life", () =>
      deployed.standIn
        .logs("shop-test-queue-exports")
        .filter(({ message, jobId: of }) => of === jobId && String(message).includes("attempt 1 at"))
        .length === 2
        ? true
        : null,
    );
    expect(await reaches(jobId, "failed")).toMatchObject({ attempt: 1 });
  });
});
