import { expect, it } from "vitest";
import { startDev } from "../harness/dev-server.js";
import { journalOf, journalSource } from "../harness/journal.js";
import { makeProject } from "../harness/temporary-project.js";

/** Handlers that wait until a file called "open" is there: a way to kill the server while they run. */
const handler = `
  import { existsSync } from "node:fs";
  import { setTimeout as sleep } from "node:timers/promises";
  import { queues } from "queue-run";
  import { note } from "#lib/journal.js";
  export default async function (payload: unknown, { receivedCount, jobId }: { receivedCount: number; jobId: string }) {
    note(payload === "delayed" ? "started late" : "started", { payload, receivedCount, jobId });
    while (!existsSync("open")) await sleep(10);
    note("finished", { payload, jobId });
  }`;

const files = {
  "lib/journal.ts": journalSource,
  "queues/jobs.ts": `${handler}\nexport const queue = queues.self();`,
  "queues/ordered.fifo.ts": `${handler}\nexport const queue = queues.self.fifo();`,
  "api/jobs.ts": 'import { queue } from "#queues/jobs.js"; export const post = queue.http;',
  "api/later.ts": 'import { queue } from "#queues/jobs.js"; export const post = queue.delay("4s").http;',
  "api/ordered/[group]/[dedupe].ts":
    'import { queue } from "#queues/ordered.fifo.js"; export const post = queue.http;',
};

it("recovers jobs that wait, are delayed, or run, from kill -9", async () => {
  const project = makeProject(files);
  const journal = journalOf(project.folder);
  const text = { "content-type": "text/plain" };
  let server = await startDev(project.folder);

  await server.post("/jobs", "in flight", text);
  const delayedAt = Date.now();
  await server.post("/later", "delayed", text);
  const firstIds = new Map<string, string>();
  for (const n of ["1", "2", "3"]) firstIds.set(n, await server.post(`/ordered/g/${n}`, `g${n}`, text));
  await journal.until("started", 2); // "in flight" and "g1"; "g2" and "g3" wait for it.
  await server.kill();

  server = await startDev(project.folder);
  // Seen again at once: no visibility timeout to wait for, and their receives are still counted.
  const again = await journal.until("started", 4);
  const byPayload = (payload: string) => again.filter((entry) => entry.payload === payload);
  expect(byPayload("in flight").map((entry) => entry.receivedCount)).toEqual([1, 2]);
  expect(byPayload("g1").map((entry) => entry.receivedCount)).toEqual([1, 2]);
  // The deduplication window is still open, and a duplicate has the first one's id.
  expect(await server.post("/ordered/g/3", "g3", text)).toBe(firstIds.get("3"));

  project.write("open", "");
  const finished = await journal.until("finished", 5);
  await server.sqs.drained("jobs");
  await server.sqs.drained("ordered.fifo");
  expect(finished.map(({ payload }) => payload).sort()).toEqual(["delayed", "g1", "g2", "g3", "in flight"]);
  expect(finished.map(({ payload }) => String(payload)).filter((payload) => payload.startsWith("g"))).toEqual(
    ["g1", "g2", "g3"],
  );
  const delayed = journal.entries("started late")[0];
  expect(delayed?.at).toBeGreaterThanOrEqual(delayedAt + 4_000);

  // What was deleted stays deleted.
  await server.kill();
  server = await startDev(project.folder);
  await server.post("/jobs", "last", text);
  await journal.until("finished", 6);
  expect(journal.entries("finished")).toHaveLength(6);
});

it("forgets local jobs with --fresh", async () => {
  const project = makeProject(files);
  const journal = journalOf(project.folder);
  const text = { "content-type": "text/plain" };
  let server = await startDev(project.folder);
  await server.post("/jobs", "before", text);
  await journal.until("started", 1);
  await server.kill();

  project.write("open", "");
  server = await startDev(project.folder, { arguments: ["--fresh"] });
  await server.post("/jobs", "after", text);
  await journal.until("finished", 1);
  await server.sqs.drained("jobs");
  expect(journal.entries("finished").map(({ payload }) => payload)).toEqual(["after"]);
});
