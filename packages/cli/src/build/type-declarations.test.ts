import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, statSync, symlinkSync, utimesSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { readProject } from "../project/read-project.js";
import { temporaryProject } from "../project/temporary-project.js";
import { typeDeclarations, writeTypes } from "./type-declarations.js";

const require = createRequire(import.meta.url);
const REPOSITORY = join(import.meta.dirname, "../../../..");

/** Runs TypeScript over a project that has the repository's queue-run. Returns the errors of the project's own files. */
async function typeCheck(files: Record<string, string>, { generate = true } = {}): Promise<string> {
  const project = temporaryProject({
    "tsconfig.json": JSON.stringify({
      extends: "queue-run/tsconfig.json",
      compilerOptions: { customConditions: ["queue-run:source"] },
    }),
    ...files,
  });
  onTestFinished(project.dispose);
  mkdirSync(project.path("node_modules/@types"), { recursive: true });
  symlinkSync(join(REPOSITORY, "packages/queue-run"), project.path("node_modules/queue-run"), "junction");
  symlinkSync(
    join(REPOSITORY, "node_modules/@types/node"),
    project.path("node_modules/@types/node"),
    "junction",
  );
  const reading = await readProject(project.root, { stage: "dev" });
  if ("problems" in reading) throw new Error(JSON.stringify(reading.problems));
  if (generate) writeTypes(reading.manifest);
  const tsc = join(dirname(require.resolve("typescript/package.json")), "bin/tsc");
  const run = promisify(execFile)(process.execPath, [tsc, "-p", "."], { cwd: project.root });
  const output = await run.then(
    () => "",
    ({ stdout }: { stdout: string }) => stdout,
  );
  // What is wrong with the sources of queue-run itself is told by the repository's own type check.
  return output.replace(/^\.\.\/.*\n(?:\s.*\n)*/gm, "");
}

test("queues are known by name: payload, FIFO-ness, however the file says them", async () => {
  const errors = await typeCheck({
    "queues/plain.ts":
      'import { queues } from "queue-run";\nexport default async function (payload: { id: number }) { return queues("by-reference.fifo").group("x").push("text"); }',
    "queues/by-reference.fifo.ts":
      'import { queues } from "queue-run";\nexport const queue = queues.self.fifo<string>();\nexport default queue.handler(async (payload) => { payload.length; return queues("plain").push({ id: 1 }); });',
    "queues/batch.ts":
      'import { queues, type BatchJob } from "queue-run";\nexport async function batch(jobs: BatchJob<{ url: string }>[]) { for (const job of jobs) await queues("batch").push({ url: job.payload.url }); }',
    "queues/grouped.fifo.ts":
      'import { queues } from "queue-run";\nexport const queue = queues.self.fifo<{ n: number }, string>().group("all");\nexport default queue.handler(async () => "done");',
    "queues/javascript.js": "export default async function () {}",
    "lib/checks.ts": `
      import { queues } from "queue-run";
      import { queue } from "#queues/by-reference.fifo.js";
      export const right = [
        () => queues("plain").push({ id: 1 }),
        () => queues("by-reference.fifo").dedupe("x").group(1).push("s"),
        () => queue.group("x").push("s"),
        () => queues("javascript").push({ any: "thing" }),
        () => queues("grouped.fifo").group(1).push({ n: 1 }),
        async (): Promise<string> => queues("grouped.fifo").result("id"),
        () => queues.get<number>("anything").push(5),
      ];
      export const wrong = [
        // @ts-expect-error the payload's type
        () => queues("plain").push({ id: "no" }),
        // @ts-expect-error no such queue
        () => queues("plane").push({ id: 1 }),
        // @ts-expect-error a standard queue does not deduplicate
        () => queues("plain").dedupe("x"),
        // @ts-expect-error the payload of the batch's jobs
        () => queues("batch").push({ nope: 1 }),
        // @ts-expect-error a grouped queue's payload
        () => queues("grouped.fifo").group(1).push({ n: "1" }),
        // @ts-expect-error the reference's payload
        () => queue.group("x").push(5),
      ];
    `,
  });
  expect(errors).toBe("");
}, 60_000);

test("results, statuses and named jobs are known by the queue's name", async () => {
  const errors = await typeCheck({
    "queues/sums.ts":
      "export default async function (numbers: number[]) { return { sum: numbers.reduce((a, b) => a + b, 0) }; }",
    "queues/users.ts": `
      import { queues } from "queue-run";
      export const queue = queues.self<{ name: string }>();
      export default queue.handler(async ({ name }) => name.length);
      export async function rename(change: { id: number; to: string }) { return change.to; }
      export function forget(id: number) { return id > 5; }
    `,
    "queues/orders.fifo.ts": `
      import { queues } from "queue-run";
      export const queue = queues.self.fifo<{ order: string }, Date | null>();
      export default queue.handler(async () => new Date());
      export async function refund(order: string) { return { refunded: order }; }
    `,
    "queues/only-named.ts": "export async function one(payload: { one: 1 }) { return payload.one; }",
    "lib/checks.ts": `
      import { type Queue, queues } from "queue-run";
      const users = queues("users");
      export const right = [
        async (): Promise<{ sum: number }> => queues("sums").result("id"),
        async (): Promise<number> => queues("users").result("id", { timeout: "5s" }),
        async (): Promise<Date | null> => queues("orders.fifo").result("id"),
        async (): Promise<number | undefined> => (await queues("sums").status("id"))?.result?.sum,
        async (): Promise<string> => users.job("rename").result("id"),
        async (): Promise<{ refunded: string }> => queues("orders.fifo").job("refund").group(1).result("id"),
        () => users.push({ name: "Ada" }),
        () => users.push({ name: "Ada" }, { delay: "5m" }),
        () => users.job("rename").push({ id: 1, to: "Bob" }),
        () => users.push({ id: 1, to: "Bob" }, { job: "rename", delay: 5 }),
        () => users.job("forget").delay("5m").pushAll([1, 2]),
        () => users.pushAll([1, 2], { job: "forget" }),
        () => users.job("default").push({ name: "Ada" }),
        () => queues("orders.fifo").job("refund").push("order", { group: "x" }),
        () => queues("orders.fifo").group("x").job("refund").push("order"),
        () => queues("orders.fifo").push("order", { job: "refund", group: "x" }),
        () => queues("only-named").job("one").push({ one: 1 }),
        (): Queue<{ name: string }> => users,
        () => ["Ada"].map((name) => ({ name })).map(users),
      ];
      export const wrong = [
        // @ts-expect-error a result of another type
        async (): Promise<string> => queues("sums").result("id"),
        // @ts-expect-error the reference says more than the handler
        async (): Promise<Date> => queues("orders.fifo").result("id"),
        // @ts-expect-error a status may be null
        async (): Promise<unknown> => (await queues("sums").status("id")).result,
        // @ts-expect-error the result of a job that is not done is null
        async (): Promise<number | undefined> => (await queues("sums").status("id"))?.result.sum,
        // @ts-expect-error no such job
        () => users.job("renam"),
        // @ts-expect-error no such job
        () => users.push({ id: 1, to: "Bob" }, { job: "renam" }),
        // @ts-expect-error the payload is the default job's
        () => users.job("rename").push({ name: "Ada" }),
        // @ts-expect-error the payload is the default job's
        () => users.push({ name: "Ada" }, { job: "rename" }),
        // @ts-expect-error the payload is the named job's
        () => users.push({ id: 1, to: "Bob" }),
        // @ts-expect-error a list of them
        () => users.pushAll(["1"], { job: "forget" }),
        // @ts-expect-error a named job of a FIFO queue needs a group
        () => queues("orders.fifo").job("refund").push("order"),
        // @ts-expect-error so do options
        () => queues("orders.fifo").push("order", { job: "refund" }),
        // @ts-expect-error and the default job
        () => queues("orders.fifo").push({ order: "x" }),
        // @ts-expect-error a standard queue cannot deduplicate
        () => users.job("rename").dedupe("x"),
        // @ts-expect-error another payload
        (): Queue<{ name: number }> => users,
      ];
    `,
  });
  expect(errors).toBe("");
}, 60_000);

test("projects of tests know their queues", async () => {
  const errors = await typeCheck({
    "queues/sums.ts":
      "export default async (numbers: number[]) => numbers.length; export async function average(numbers: { of: number[] }) { return numbers.of; }",
    "queues/nothing.ts": "export default async function () {}",
    "test/sums.ts": `
      import { startProject, type DrainReport } from "queue-run/testing";
      export async function right(): Promise<DrainReport> {
        await using project = await startProject({ now: new Date(), chaos: { deliverTwice: 0.5, seed: 1 } });
        await project.push("sums", [1], { delay: "5m" });
        await project.push("sums", { of: [1] }, { job: "average" });
        await project.push("nothing");
        project.pushed("sums").map(({ payload }) => payload);
        return project.clock.advance("3 days");
      }
      export async function wrong() {
        const project = await startProject();
        // @ts-expect-error no such queue
        await project.push("sum", [1]);
        // @ts-expect-error another payload
        await project.push("sums", ["1"]);
        // @ts-expect-error a payload is missing
        await project.push("sums");
        // @ts-expect-error no such queue
        project.pushed("sum");
        // @ts-expect-error no length of time
        await project.clock.advance("3 fortnights");
        // @ts-expect-error no such chaos
        await startProject({ chaos: { loseEverything: true } });
      }
    `,
  });
  expect(errors).toBe("");
}, 60_000);

test("what a handler returns may come from its own queue, or from one that pushes back", async () => {
  const errors = await typeCheck({
    "queues/pages.ts": `
      import { queues } from "queue-run";
      export default async function ({ page }: { page: number }) {
        if (page < 3) return queues("pages").push({ page: page + 1 });
        return queues("reports").push({ pages: page });
      }
    `,
    "queues/reports.ts": `
      import { queues } from "queue-run";
      export const queue = queues.self<{ pages: number }>();
      export default queue.handler(async ({ pages }) => (pages > 3 ? pages : queues("pages").push({ page: 1 })));
    `,
    "lib/checks.ts": `
      import { queues } from "queue-run";
      export const right = async (): Promise<string> => queues("pages").result("id");
      // @ts-expect-error a number or the id
      export const wrong = async (): Promise<string> => queues("reports").result("id");
    `,
  });
  expect(errors).toBe("");
}, 60_000);

test("a schema's input is what is pushed, and its output what is handled", async () => {
  const errors = await typeCheck({
    "queues/days.ts": `
      import { queues } from "queue-run";
      declare const schema: {
        "~standard": {
          version: 1;
          vendor: "test";
          validate: (value: unknown) => { value: { day: Date } };
          types?: { input: { day: string }; output: { day: Date } };
        };
      };
      export const queue = queues.self({ schema });
      export default queue.handler(async ({ day }) => day.getTime());
    `,
    "lib/checks.ts": `
      import { queues } from "queue-run";
      export const right = [
        () => queues("days").push({ day: "2027-01-01" }),
        async (): Promise<number> => queues("days").result("id"),
      ];
      // @ts-expect-error the schema's input
      export const wrong = () => queues("days").push({ day: new Date() });
    `,
  });
  expect(errors).toBe("");
}, 60_000);

test("a project whose declarations were not generated compiles: all names go, and FIFO queues are known by theirs", async () => {
  const errors = await typeCheck(
    {
      "queues/emails.ts":
        'import { queues } from "queue-run"; export const queue = queues.self<string>(); export default queue.handler(async (text) => { await queue.push(text); });',
      "api/index.ts": `
        import { queues } from "queue-run";
        export const get = async () => [
          await queues("emails").push({ any: "thing" }),
          await queues("emails").job("any").push({ any: "thing" }),
          await queues("orders.fifo").group(1).push(1),
          (await queues("emails").status("id"))?.result,
        ];
        // @ts-expect-error a FIFO queue's push needs a group
        export const wrong = () => queues("orders.fifo").push(1);
      `,
    },
    { generate: false },
  );
  expect(errors).toBe("");
}, 60_000);

test("any name goes in a project without queues", async () => {
  expect(
    await typeCheck({
      "api/index.ts":
        'import { queues } from "queue-run"; export const get = () => queues("whatever").push(1);',
    }),
  ).toBe("");
}, 60_000);

test("URLs need what their paths name; the paths of routes are completed, and others go too", async () => {
  const errors = await typeCheck({
    "api/orders/[id].ts": `
      import { url } from "queue-run";
      export const self = url.self<{ id: string }, { page?: number }>();
      export const get = () => self({ id: "1" }, { page: 2 });
    `,
    "api/reports/[...rest].ts": "export const get = () => 1;",
    "api/index.ts": "export const get = () => 1;",
    "lib/checks.ts": `
      import { url } from "queue-run";
      import { self } from "../api/orders/[id].js";
      const path: string = "/any/[where]";
      const routes: { [Path in keyof QueueRunRoutes]: true } = { "/": true, "/orders/[id]": true, "/reports/[...rest]": true };
      export const right: string[] = [
        url("/"),
        url("/", null, { q: "x", tags: ["a", 1], none: undefined }),
        url("/orders/[id]", { id: 7 }),
        url("/reports/[...rest]", { rest: [2026, "11"] }, { page: 1 }),
        url.for("/orders/[id]")({ id: "x" }, { page: 1 }),
        url.for("/")(),
        url("/orders/7"),
        url("/elsewhere/[what]", { what: true }),
        url(path, { where: 1 }),
        self({ id: "1" }),
        ...Object.keys(routes),
      ];
      export const wrong = [
        // @ts-expect-error the parameter is missing
        () => url("/orders/[id]"),
        // @ts-expect-error another name
        () => url("/orders/[id]", { order: 7 }),
        // @ts-expect-error a catch-all takes a list
        () => url("/reports/[...rest]", { rest: "2026" }),
        // @ts-expect-error an object is no value
        () => url("/orders/[id]", { id: {} }),
        // @ts-expect-error nor is it in a query
        () => url("/", null, { q: {} }),
        // @ts-expect-error the parameter is missing
        () => url.for("/orders/[id]")(),
        // @ts-expect-error what self was told
        () => self({ id: "1" }, { page: "2" }),
        // @ts-expect-error and its parameters
        () => self({}),
      ];
    `,
  });
  expect(errors).toBe("");
}, 60_000);

test("the same manifest gives the same text, sorted, with each file's import", () => {
  const queue = (name: string, file: string, jobs: string[] = []) => ({
    name,
    file,
    fifo: name.endsWith(".fifo"),
    jobs,
    batch: false,
    settings: {} as never,
  });
  const queues = [
    queue("b.fifo", "queues/b.fifo.mts"),
    queue("a", "queues/a.tsx", ["default", "other"]),
    queue("c", "queues/c.cts"),
    queue("d", "queues/d.jsx"),
  ];
  const route = (path: string) => ({ path, file: "", exports: [], settings: {} as never, middleware: [] });
  const routes = [route("/orders/[id]"), route("/")];
  const text = typeDeclarations({ queues, routes });
  expect(typeDeclarations({ queues: [...queues].reverse(), routes: [...routes].reverse() })).toBe(text);
  expect(text).toContain('interface QueueRunRoutes {\n    "/": true;\n    "/orders/[id]": true;\n  }');
  expect(
    [...text.matchAll(/^ {4}"(.*?)": QueueOf<typeof import\("(.*?)"\), (\w+), (.*)>;/gm)].map(
      ([, ...parts]) => parts,
    ),
  ).toEqual([
    ["a", "../queues/a.js", "false", '"default" | "other"'],
    ["b.fifo", "../queues/b.fifo.mjs", "true", "never"],
    ["c", "../queues/c.cjs", "false", "never"],
    ["d", "../queues/d.js", "false", "never"],
  ]);
});

test("writes the file only when it changed, in a folder that Git ignores", () => {
  const project = temporaryProject({});
  onTestFinished(project.dispose);
  const path = writeTypes({ root: project.root, queues: [], routes: [] });
  utimesSync(path, 1, 1);
  expect(writeTypes({ root: project.root, queues: [], routes: [] })).toBe(path);
  expect(statSync(path).mtimeMs).toBe(1_000);
  expect(readFileSync(project.path(".queue-run/.gitignore"), "utf8")).toBe("*\n");
});
