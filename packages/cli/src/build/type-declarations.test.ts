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

/** Runs TypeScript over a project that has the repository's queue-run. */
async function typeCheck(files: Record<string, string>): Promise<string> {
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
  writeTypes(reading.manifest);
  const tsc = join(dirname(require.resolve("typescript/package.json")), "bin/tsc");
  const run = promisify(execFile)(process.execPath, [tsc, "-p", project.root]);
  return run.then(
    () => "",
    ({ stdout }: { stdout: string }) => stdout,
  );
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

test("any name goes in a project without queues", async () => {
  expect(
    await typeCheck({
      "api/index.ts":
        'import { queues } from "queue-run"; export const get = () => queues("whatever").push(1);',
    }),
  ).toBe("");
}, 60_000);

test("the same manifest gives the same text, sorted, with each file's import", () => {
  const queue = (name: string, file: string) => ({
    name,
    file,
    fifo: name.endsWith(".fifo"),
    jobs: [],
    batch: false,
    settings: {} as never,
  });
  const queues = [
    queue("b.fifo", "queues/b.fifo.mts"),
    queue("a", "queues/a.tsx"),
    queue("c", "queues/c.cts"),
    queue("d", "queues/d.jsx"),
  ];
  const text = typeDeclarations({ queues });
  expect(typeDeclarations({ queues: [...queues].reverse() })).toBe(text);
  expect(
    [...text.matchAll(/^ {4}"(.*?)".*?import\("(.*?)"\).*fifo: (\w+)/gm)].map(([, ...parts]) => parts),
  ).toEqual([
    ["a", "../queues/a.js", "false"],
    ["b.fifo", "../queues/b.fifo.mjs", "true"],
    ["c", "../queues/c.cjs", "false"],
    ["d", "../queues/d.js", "false"],
  ]);
});

test("writes the file only when it changed, in a folder that Git ignores", () => {
  const project = temporaryProject({});
  onTestFinished(project.dispose);
  const path = writeTypes({ root: project.root, queues: [] });
  utimesSync(path, 1, 1);
  expect(writeTypes({ root: project.root, queues: [] })).toBe(path);
  expect(statSync(path).mtimeMs).toBe(1_000);
  expect(readFileSync(project.path(".queue-run/.gitignore"), "utf8")).toBe("*\n");
});
