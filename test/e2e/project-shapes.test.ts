import { mkdirSync, symlinkSync } from "node:fs";
import { expect, it } from "vitest";
import { answered, startDev } from "../harness/dev-server.js";
import { journalOf, journalSource } from "../harness/journal.js";
import { makeProject } from "../harness/temporary-project.js";

const json = { "content-type": "application/json" };

it("runs a CommonJS project, with require, __dirname and a CommonJS package", async () => {
  const project = makeProject({
    "package.json": JSON.stringify({ name: "old-school", private: true }),
    "node_modules/left/package.json": JSON.stringify({ name: "left", main: "index.js" }),
    "node_modules/left/index.js": "module.exports = (text) => \"<\" + text; module.exports.named = 'named';",
    "lib/journal.js": `
      const { appendFileSync } = require("node:fs");
      exports.note = (event, details) =>
        appendFileSync("journal.jsonl", JSON.stringify({ at: Date.now(), event, ...details }) + "\\n");`,
    "queues/jobs.js": `
      const { queues } = require("queue-run");
      const { note } = require("../lib/journal.js");
      exports.queue = queues.self();
      exports.default = async (payload) => note("ran", { payload, dirname: __dirname });
      exports.config = { retries: 1 };`,
    "api/jobs.js": `
      const { queue } = require("#queues/jobs.js");
      exports.post = queue.http;`,
    "api/left.js": `
      const left = require("left");
      exports.get = () => left(left.named);`,
  });
  const server = await startDev(project.folder);
  await server.post("/jobs", '{"a":1}', json);
  const [ran] = await journalOf(project.folder).until("ran", 1);
  expect(ran).toMatchObject({ payload: { a: 1 }, dirname: project.path("queues") });
  expect(await (await server.fetch("/left")).text()).toBe("<named");
});

it("serves JSX as HTML, escaped", async () => {
  const project = makeProject({
    "api/page/[name].tsx": `
      import type { HttpRequest } from "queue-run";
      export function get({ params }: HttpRequest<unknown, { name: string }>) {
        return <html><body><h1>Hello, {params.name}</h1></body></html>;
      }`,
  });
  const server = await startDev(project.folder);
  const response = await server.fetch("/page/%3Cscript%3E");
  expect(response.headers.get("content-type")).toContain("text/html");
  expect(await response.text()).toContain("<h1>Hello, &lt;script&gt;</h1>");
});

it("resolves #queues/…, #lib/…, #/…, a tsconfig's own paths, and package.json imports", async () => {
  const project = makeProject({
    "package.json": JSON.stringify({
      name: "paths",
      private: true,
      type: "module",
      imports: { "#own": "./own/module.ts" },
    }),
    "tsconfig.json": JSON.stringify({
      extends: "queue-run/tsconfig.json",
      compilerOptions: { paths: { "~/*": ["./elsewhere/*"] } },
    }),
    "lib/one.ts": 'export const one = "lib";',
    "other/two.ts": 'export const two = "root";',
    "elsewhere/three.ts": 'export const three = "paths";',
    "own/module.ts": 'export const four = "imports";',
    "queues/jobs.ts": 'export const five = "queues"; export default async function () {}',
    "api/index.ts": `
      import { one } from "#lib/one.js";
      import { two } from "#/other/two.js";
      import { three } from "~/three.js";
      import { four } from "#own";
      import { five } from "#queues/jobs.js";
      export const get = () => [one, two, three, four, five];`,
  });
  const server = await startDev(project.folder);
  expect(await (await server.fetch("/")).json()).toEqual(["lib", "root", "paths", "imports", "queues"]);
});

it("bundles and watches a workspace package", async () => {
  const workspace = makeProject({
    "package.json": JSON.stringify({ name: "root", private: true, workspaces: ["app", "packages/*"] }),
    "packages/shared/package.json": JSON.stringify({
      name: "@acme/shared",
      type: "module",
      exports: "./src/index.ts",
    }),
    "packages/shared/src/index.ts": 'export const shared: string = "one";',
    "app/package.json": JSON.stringify({ name: "app", private: true, type: "module" }),
    "app/tsconfig.json": JSON.stringify({ extends: "queue-run/tsconfig.json" }),
    "app/api/index.ts": 'import { shared } from "@acme/shared"; export const get = () => shared;',
  });
  mkdirSync(workspace.path("node_modules/@acme"), { recursive: true });
  symlinkSync(workspace.path("packages/shared"), workspace.path("node_modules/@acme/shared"), "junction");
  const server = await startDev(workspace.path("app"));
  await answered(server, "/", "one");
  workspace.write("packages/shared/src/index.ts", 'export const shared: string = "two";');
  await answered(server, "/", "two");
});

it("loads index.ts once per instance, before any handler, and calls warmup", async () => {
  const project = makeProject({
    "lib/journal.ts": journalSource,
    "lib/state.ts": "export const state = { started: false, warm: false };",
    "index.ts": `
      import { state } from "#lib/state.js";
      state.started = true;
      export async function warmup() { state.warm = true; }`,
    "api/index.ts": 'import { state } from "#lib/state.js"; export const get = () => state;',
    "queues/jobs.ts": `
      import { note } from "#lib/journal.js";
      import { state } from "#lib/state.js";
      export default async function () { note("ran", state); }`,
  });
  const server = await startDev(project.folder);
  expect(await (await server.fetch("/")).json()).toEqual({ started: true, warm: true });
  await server.sqs.send("jobs", "x");
  expect(await journalOf(project.folder).until("ran", 1)).toMatchObject([{ started: true, warm: true }]);
});

it("reads settings of queue-run.config.ts", async () => {
  const project = makeProject({
    "queue-run.config.ts": `
      import { defineConfig } from "queue-run";
      export default defineConfig(({ stage }) => ({ name: "named", env: { FROM_CONFIG: stage } }));`,
    "api/index.ts": "export const get = () => process.env.FROM_CONFIG ?? 'nothing';",
  });
  const server = await startDev(project.folder);
  expect(await (await server.fetch("/")).text()).toBe("dev");
});

it("mounts a Hono app, and keeps it apart from its own routes", async () => {
  const project = makeProject(
    {
      "api/index.ts": 'export const get = () => "own";',
      "api/mounted/[...path].ts": `
        import { Hono } from "hono";
        export default new Hono().get("/mounted/hello", (context) => context.text("from Hono"));`,
    },
    { packages: ["hono"] },
  );
  const server = await startDev(project.folder);
  expect(await (await server.fetch("/mounted/hello")).text()).toBe("from Hono");
  expect(await (await server.fetch("/")).text()).toBe("own");
});
