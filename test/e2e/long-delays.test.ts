import { ListSchedulesCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { expect, it } from "vitest";
import { startDev } from "../harness/dev-server.js";
import { journalOf, journalSource } from "../harness/journal.js";
import { makeProject } from "../harness/temporary-project.js";

const handler = `
  import { queues } from "queue-run";
  import { note } from "#lib/journal.js";
  export default async function (payload: unknown, { jobId }: { jobId: string }) {
    note("ran", { payload, jobId });
  }`;

const files = {
  "lib/journal.ts": journalSource,
  "queues/orders.fifo.ts": `${handler}\nexport const queue = queues.self.fifo();`,
  "queues/mail.ts": `${handler}\nexport const queue = queues.self();`,
  "api/orders/[group].ts": `
    import { queue } from "#queues/orders.fifo.js";
    export const post = queue.delay("2s").http;`,
  "api/mail.ts": `
    import { queue } from "#queues/mail.js";
    export const post = queue.delay("20m").http;`,
  "api/together.ts": `
    import { queue } from "#queues/orders.fifo.js";
    export async function post() {
      const at = new Date(Date.now() + 1_500);
      return await queue.group("g").at(at).pushAll([1, 2, 3]);
    }`,
};
const text = { "content-type": "text/plain" };

it("holds a job of a FIFO queue until it is due, to the millisecond, in order within its group", async () => {
  const project = makeProject(files);
  const journal = journalOf(project.folder);
  const server = await startDev(project.folder);
  const before = Date.now();
  const jobId = await server.post("/orders/ann", "<aws.scheduler.execution-id> é", text);
  const after = Date.now();
  const [ran] = await journal.until("ran", 1);
  expect(ran).toMatchObject({ payload: "<aws.scheduler.execution-id> é", jobId });
  expect(ran?.at).toBeGreaterThanOrEqual(before + 2_000);
  // A machine that is busy with other tests is given the time.
  expect(ran?.at).toBeLessThan(after + 2_000 + 1_500);

  const ids = await (await server.fetch("/together", { method: "POST" })).json();
  const entries = await journal.until("ran", 4);
  expect(entries.slice(1).map(({ payload }) => payload)).toEqual([1, 2, 3]);
  expect(entries.slice(1).map((entry) => entry.jobId)).toEqual(ids);
  await server.stop();
});

it("keeps delayed jobs through kill -9, runs once what fell due meanwhile, and forgets them with --fresh", async () => {
  const project = makeProject(files);
  const journal = journalOf(project.folder);
  let server = await startDev(project.folder);
  const waits = await server.post("/mail", "in twenty minutes", text);
  const due = await server.post("/orders/ann", "due while nothing runs", text);
  const dueAt = Date.now() + 2_000;
  await server.kill();
  expect(journal.entries("ran")).toEqual([]);

  await new Promise((resolve) => setTimeout(resolve, dueAt - Date.now()));
  server = await startDev(project.folder);
  const [ran] = await journal.until("ran", 1);
  expect(ran).toMatchObject({ payload: "due while nothing runs", jobId: due });
  expect(await namesAt(server.sqsPort)).toEqual([expect.stringContaining(waits)]);
  await server.kill();

  server = await startDev(project.folder, { arguments: ["--fresh"] });
  await server.post("/orders/ann", "last", text);
  await journal.until("ran", 2);
  expect(await namesAt(server.sqsPort)).toEqual([]);
  expect(journal.entries("ran").map(({ payload }) => payload)).toEqual(["due while nothing runs", "last"]);
  await server.stop();
});

/** What AWS's own client finds on the endpoint of the local SQS. */
async function namesAt(port: number): Promise<(string | undefined)[]> {
  const credentials = { accessKeyId: "any", secretAccessKey: "any" };
  const client = new SchedulerClient({
    endpoint: `http://localhost:${port}`,
    region: "us-east-1",
    credentials,
  });
  const { Schedules = [] } = await client.send(new ListSchedulesCommand({ GroupName: "queue-run-dev" }));
  client.destroy();
  return Schedules.map(({ Name }) => Name);
}
