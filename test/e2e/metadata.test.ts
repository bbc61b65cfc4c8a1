import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { journalOf, journalSource } from "../harness/journal.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

const files = {
  "lib/journal.ts": journalSource,
  "queues/first.ts": `
    import { queues } from "queue-run";
    import { note } from "#lib/journal.js";
    export const queue = queues.self<unknown>();
    export default queue.handler(async (payload, { signal, ack, retry, fail, progress, queuedAt, ...metadata }) => {
      note("first", { payload, queuedAt: queuedAt.getTime(), isDate: queuedAt instanceof Date, ...metadata });
      await queues.get("second.fifo").group("g").dedupe(metadata.jobId).push({ from: metadata.jobId });
    });
    export async function special(payload: unknown, { job, jobId }: { job: string; jobId: string }) {
      note("special", { payload, job, jobId });
    }
    export const config = { retries: 2 };`,
  "queues/second.fifo.ts": `
    import { note } from "#lib/journal.js";
    import type { JobMetadata } from "queue-run";
    export default async function (payload: unknown, { user, groupId, dedupeId, sequenceNumber, job }: JobMetadata) {
      note("second", { payload, user, groupId, dedupeId, sequenceNumber, job });
    }`,
  "api/_middleware.ts": `
    export async function authenticate({ bearerToken }: { bearerToken: string | null }) {
      if (!bearerToken) return null;
      if (bearerToken !== "secret") throw new Response("Who are you?", { status: 403 });
      return { id: "user-7", email: "ada@example.com" };
    }`,
  "api/teams/[team]/[name].ts": 'import { queue } from "#queues/first.js"; export const post = queue.http;',
  "api/special.ts":
    'import { queue } from "#queues/first.js"; export const post = queue.job("special").http;',
};

describe("a job's metadata", () => {
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

  it("tells who pushed it and the path's parameters, and the job it pushes has the same user", async () => {
    const journal = journalOf(project.folder);
    const before = Date.now();
    const jobId = await server.post("/teams/red%2Fblue/caf%C3%A9", '{"n":1}', {
      "content-type": "application/json",
      authorization: "Bearer secret",
    });
    const first = (await journal.until("first", 1)).find((entry) => entry.jobId === jobId);
    expect(first).toMatchObject({
      payload: { n: 1 },
      jobId,
      queueName: "first",
      job: "default",
      groupId: null,
      dedupeId: null,
      params: { team: "red/blue", name: "café" },
      receivedCount: 1,
      attempt: 1,
      maxAttempts: 3,
      sequenceNumber: null,
      user: { id: "user-7" },
      tag: null,
      isDate: true,
    });
    expect(first?.queuedAt).toBeGreaterThanOrEqual(before - 1);
    expect(first?.queuedAt).toBeLessThanOrEqual(Date.now());
    const second = (await journal.until("second", 1)).find(({ dedupeId }) => dedupeId === jobId);
    expect(second).toMatchObject({
      payload: { from: jobId },
      user: { id: "user-7" },
      groupId: "g",
      sequenceNumber: expect.stringMatching(/^\d{20}$/),
      job: "default",
    });
  });

  it("has no user for an anonymous push, and a refused one pushes nothing", async () => {
    const json = { "content-type": "application/json" };
    const refused = await server.fetch("/teams/a/b", {
      method: "POST",
      body: "{}",
      headers: { ...json, authorization: "Bearer wrong" },
    });
    expect([refused.status, await refused.text()]).toEqual([403, "Who are you?"]);
    const jobId = await server.post("/teams/a/b", '"anonymous"', json);
    const entries = await journalOf(project.folder).until("first", 2);
    expect(entries).toHaveLength(2);
    expect(entries.find((entry) => entry.jobId === jobId)).toMatchObject({
      user: null,
      payload: "anonymous",
    });
  });

  it("names the job, for an exported function that is not the default", async () => {
    const jobId = await server.post("/special", '{"n":2}', { "content-type": "application/json" });
    expect(await journalOf(project.folder).until("special", 1)).toMatchObject([
      { job: "special", jobId, payload: { n: 2 } },
    ]);
  });
});
