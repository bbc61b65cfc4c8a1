import { expect, it } from "vitest";
import { answered, startDev } from "../harness/dev-server.js";
import { journalOf, journalSource } from "../harness/journal.js";
import { makeProject } from "../harness/temporary-project.js";

/** A save must be seen within this; it takes some ten milliseconds. */
const SOON = { deadlineMs: 10_000 };

it("serves what was saved: a route, a file it imports, a new file, a removed one", async () => {
  const project = makeProject({
    "lib/deep.ts": 'export const deep = "deep 1";',
    "lib/name.ts": 'import { deep } from "./deep.js"; export const name = () => "lib 1, " + deep;',
    "api/index.ts": 'import { name } from "#lib/name.js"; export const get = () => "route 1, " + name();',
  });
  const server = await startDev(project.folder);
  await answered(server, "/", "route 1, lib 1, deep 1", SOON);
  project.write("api/index.ts", project.read("api/index.ts").replace("route 1", "route 2"));
  await answered(server, "/", "route 2, lib 1, deep 1", SOON);
  project.write("lib/deep.ts", 'export const deep = "deep 2";');
  await answered(server, "/", "route 2, lib 1, deep 2", SOON);
  project.write("lib/name.ts", project.read("lib/name.ts").replace("lib 1", "lib 2"));
  await answered(server, "/", "route 2, lib 2, deep 2", SOON);
  project.write("api/added.ts", 'export const get = () => "added";');
  await answered(server, "/added", "added", SOON);
  project.remove("api/added.ts");
  await answered(server, "/added", await (await server.fetch("/never-there")).text(), SOON);
});

it("keeps serving the last good code over a syntax error, shows its place, and goes on when it is mended", async () => {
  const project = makeProject({ "api/index.ts": 'export const get = () => "good";\n' });
  const server = await startDev(project.folder);
  await answered(server, "/", "good", SOON);
  const from = server.command.output().length;
  project.write("api/index.ts", 'export const get = () => "bad;\n');
  await server.printed(/api\/index\.ts:1/, { from });
  expect(await (await server.fetch("/")).text()).toBe("good");
  project.write("api/index.ts", 'export const get = () => "mended";\n');
  await answered(server, "/", "mended", SOON);
});

it("keeps serving the last good project over a problem in its files, and goes on when it is mended", async () => {
  const project = makeProject({
    "api/index.ts": 'export const get = () => "good";\n',
    "queues/jobs.ts": "export default async function () {}\n",
  });
  const server = await startDev(project.folder);
  const from = server.command.output().length;
  project.write(
    "queues/jobs.ts",
    'export default async function () {}\nexport const config = { timeout: "abc" };\n',
  );
  await server.printed(/queues\/jobs\.ts:2/, { from });
  expect(await (await server.fetch("/")).text()).toBe("good");
  project.write("queues/jobs.ts", "export default async function () {}\n");
  project.write("api/index.ts", 'export const get = () => "better";\n');
  await answered(server, "/", "better", SOON);
});

it("lets a running job finish on the old code, and runs the next on the new", async () => {
  const handler = (version: number) => `
    import { existsSync } from "node:fs";
    import { setTimeout as sleep } from "node:timers/promises";
    import { note } from "#lib/journal.js";
    export default async function (payload: unknown) {
      note("started", { payload, version: ${version} });
      while (!existsSync("open")) await sleep(10);
      note("finished", { payload, version: ${version} });
    }`;
  const project = makeProject({
    "lib/journal.ts": journalSource,
    "queues/jobs.ts": handler(1),
    "api/version.ts": 'export const get = () => "1";',
  });
  const server = await startDev(project.folder);
  const journal = journalOf(project.folder);
  await server.sqs.send("jobs", "first");
  await journal.until("started", 1);
  project.write("queues/jobs.ts", handler(2));
  project.write("api/version.ts", 'export const get = () => "2";');
  await answered(server, "/version", "2", SOON);
  await server.sqs.send("jobs", "second");
  const started = await journal.until("started", 2);
  expect(started[1]).toMatchObject({ payload: "second", version: 2 });
  expect(journal.entries("finished")).toEqual([]);
  project.write("open", "");
  const finished = await journal.until("finished", 2);
  expect(finished).toHaveLength(2);
  expect(finished.find(({ payload }) => payload === "first")).toMatchObject({ version: 1 });
});

it("makes the queue of a file that is added, with its dead-letter queue", async () => {
  const project = makeProject({
    "lib/journal.ts": journalSource,
    "api/index.ts": 'export const get = () => "ok";',
  });
  const server = await startDev(project.folder);
  project.write(
    "queues/new.ts",
    `import { note } from "#lib/journal.js";
     export const config = { retries: 0 };
     export default async function (payload: string) {
       note("ran", { payload });
       if (payload === "fail") throw new Error("as told");
     }`,
  );
  const journal = journalOf(project.folder);
  await server.printed(/new/);
  await expect.poll(() => server.sqs.send("new", "one").catch(() => null), { timeout: 10_000 }).toBeTruthy();
  await journal.until("ran", 1);
  await server.sqs.send("new", "fail");
  await server.sqs.take("new-dlq", 1);
});

it("gives one instance's routes one copy of a module they share", async () => {
  const project = makeProject({
    "lib/counter.ts": "export const counter = { count: 0 };",
    "api/add.ts":
      'import { counter } from "#lib/counter.js"; export const get = () => String(++counter.count);',
    "api/read.ts":
      'import { counter } from "#lib/counter.js"; export const get = () => String(counter.count);',
  });
  const server = await startDev(project.folder);
  await answered(server, "/add", "1", SOON);
  await answered(server, "/read", "1", SOON);
});
