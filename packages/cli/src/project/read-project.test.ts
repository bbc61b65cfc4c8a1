import { existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createProjectReader, type ProjectReading, readProject } from "./read-project.js";
import { type TemporaryProject, temporaryProject } from "./temporary-project.js";

const HANDLER = "export default async function () {}";
const GET = "export const get = () => 'ok';";

function project(files: Record<string, string>): TemporaryProject {
  const made = temporaryProject(files);
  onTestFinished(made.dispose);
  return made;
}

function manifest(reading: ProjectReading) {
  if ("problems" in reading) throw new Error(JSON.stringify(reading.problems));
  return reading.manifest;
}

function codes(reading: ProjectReading): string[] {
  return "problems" in reading ? reading.problems.map(({ file, code }) => `${file} ${code}`) : [];
}

test("reads a project from disk", async () => {
  const { root } = project({
    "package.json": JSON.stringify({ name: "@acme/my.shop" }),
    "queues/emails.ts": HANDLER,
    "api/orders/[id].ts": GET,
    "node_modules/x/api/index.ts": GET,
    "api/node_modules/y.ts": GET,
  });
  const { name, queues, routes, settings } = manifest(await readProject(root, { stage: "dev" }));
  expect({ name, settings }).toEqual({ name: "acme-my-shop", settings: {} });
  expect([queues.length, routes.map(({ file }) => file)]).toEqual([1, ["api/orders/[id].ts"]]);
});

test("is called after its folder without a package.json that says otherwise", async () => {
  const made = project({ "package.json": "{ not json", "queues/a.ts": HANDLER });
  expect(made.root.endsWith(manifest(await readProject(made.root, { stage: "dev" })).name)).toBe(true);
});

test("says so when the folder is not there, or has nothing to run", async () => {
  const { root } = project({ "lib/x.ts": "" });
  expect(codes(await readProject(join(root, "nope"), { stage: "dev" }))).toEqual([". QR_NO_FOLDER"]);
  expect(codes(await readProject(root, { stage: "dev" }))).toEqual([". QR_NOTHING_TO_RUN"]);
});

test("runs nothing but queue-run.config.ts", async () => {
  const { root } = project({
    "queues/a.ts": `throw new Error("ran"); ${HANDLER}`,
    "index.ts": 'throw new Error("ran");',
  });
  expect(manifest(await readProject(root, { stage: "dev" })).index).toBe("index.ts");
});

test("asks queue-run.config.ts for the stage, with what it imports", async () => {
  const { root } = project({
    "queues/a.ts": HANDLER,
    "lib/sizes.ts": "export const memory: number = 512;",
    "queue-run.config.ts": `
      import { readFileSync } from "node:fs";
      import { join } from "node:path";
      import { defineConfig } from "queue-run";
      import { memory } from "./lib/sizes.js";
      const own = JSON.parse(readFileSync(new URL("./package.json", import.meta.url), "utf8"));
      readFileSync(join(__dirname, "package.json"));
      export default defineConfig(async ({ stage }) => ({ name: own.name + "-x", memory, env: { STAGE: stage }, queues: { retries: 7 } }));
    `,
  });
  const { name, settings, queues } = manifest(await readProject(root, { stage: "staging" }));
  expect(name).toBe("test-project-x");
  expect(settings).toEqual({
    name: "test-project-x",
    memory: 512,
    env: { STAGE: "staging" },
    queues: { retries: 7 },
  });
  expect(queues[0]?.settings.retries).toBe(7);
  expect(readdirSync(join(root, ".queue-run", "tmp"))).toEqual([]);
});

test.each([
  ["export default 5;", "QR_INVALID_CONFIG", "is 5, not an object"],
  ["export default { memory: 5 };", "QR_INVALID_CONFIG", "memory is 5, less than 128 MB"],
  ["export default { nam: 'x' };", "QR_INVALID_CONFIG", "no setting called nam"],
  ["export default { name: 'a b' };", "QR_INVALID_CONFIG", 'name is "a b"'],
  ["export default { runtime: 'nodejs18.x' };", "QR_INVALID_CONFIG", "nodejs18.x"],
  ["export default { queues: { timeout: 'abc' } };", "QR_INVALID_CONFIG", 'queues.timeout is "abc"'],
  ["export default { env: { A: 5 } };", "QR_INVALID_CONFIG", "env is"],
  ["export default { requiredEnv: 'A' };", "QR_INVALID_CONFIG", "requiredEnv is"],
  ["export default { vpc: { subnetIds: [] } };", "QR_INVALID_CONFIG", "vpc is"],
  ["throw new Error('no good');", "QR_CONFIG_FAILED", "no good"],
  ["export default () => { throw new Error('no good'); };", "QR_CONFIG_FAILED", "no good"],
  ["import './nope.js';", "QR_CONFIG_FAILED", "Could not resolve"],
  ["export default {", "QR_CONFIG_FAILED", "Expected"],
])("reports a config that is wrong, with everything else: %s", async (source, code, message) => {
  const { root } = project({ "queue-run.config.ts": source, "queues/a b.ts": HANDLER });
  const reading = await readProject(root, { stage: "dev" });
  expect(codes(reading)).toEqual([`queue-run.config.ts ${code}`, "queues/a b.ts QR_INVALID_QUEUE_NAME"]);
  expect("problems" in reading && reading.problems[0]?.message).toContain(message);
});

test("follows files as they change", async () => {
  const { root, write, remove, path } = project({ "queues/a.ts": HANDLER, "api/x.ts": GET });
  const reader = createProjectReader(root, { stage: "dev" });
  expect(manifest(await reader.read()).queues.map(({ name }) => name)).toEqual(["a"]);

  write("queues/a.ts", `${HANDLER} export const config = { retries: 1 };`);
  expect(manifest(await reader.update(["queues/a.ts"])).queues[0]?.settings.retries).toBe(1);

  write("queues/b.ts", HANDLER);
  expect(manifest(await reader.update([path("queues/b.ts")])).queues.map(({ name }) => name)).toEqual([
    "a",
    "b",
  ]);

  remove("queues/a.ts");
  expect(manifest(await reader.update(["queues/a.ts"])).queues.map(({ name }) => name)).toEqual(["b"]);

  write("api/x.ts", "export const get = ;");
  expect(codes(await reader.update(["api/x.ts"]))).toEqual(["api/x.ts QR_SYNTAX_ERROR"]);
  write("api/x.ts", GET);
  expect(manifest(await reader.update(["api/x.ts"])).routes).toHaveLength(1);

  write("lib/helper.ts", "export const x = 1;");
  expect(manifest(await reader.update(["lib/helper.ts"])).queues).toHaveLength(1);

  remove("api");
  expect(manifest(await reader.update(["api/x.ts", "api"])).routes).toEqual([]);
});

test("a save that changes no more than what a handler does changes nothing here", async () => {
  const { root, write } = project({ "queues/a.ts": HANDLER, "api/x.ts": GET });
  const reader = createProjectReader(root, { stage: "dev" });
  const before = await reader.read();
  write("queues/a.ts", `// a line more\n${HANDLER}`);
  expect(await reader.update(["queues/a.ts"])).toBe(before);
  write("queues/a.ts", `${HANDLER} export function job() {}`);
  expect(manifest(await reader.update(["queues/a.ts"])).queues[0]?.jobs).toEqual(["default", "job"]);
  write("queues/a.ts", "");
  expect(codes(await reader.update(["queues/a.ts"]))).toEqual(["queues/a.ts QR_NO_HANDLER"]);
  write("queues/a.ts", "// still empty");
  expect(codes(await reader.update(["queues/a.ts"]))).toEqual(["queues/a.ts QR_NO_HANDLER"]);
});

test("runs queue-run.config.ts again when it, or what it imports, changed", async () => {
  const { root, write } = project({
    "queues/a.ts": HANDLER,
    "lib/memory.ts": "export const memory = 512;",
    "queue-run.config.ts": 'import { memory } from "./lib/memory.js"; export default { memory };',
  });
  const reader = createProjectReader(root, { stage: "dev" });
  await reader.read();
  write("lib/memory.ts", "export const memory = 1024;");
  expect(manifest(await reader.update(["lib/memory.ts"])).settings.memory).toBe(1024);
  write("queue-run.config.ts", "export default { memory: 2048 };");
  expect(manifest(await reader.update(["queue-run.config.ts"])).settings.memory).toBe(2048);
});

test("reads again, in full, only what changed on disk", async () => {
  const { root, write } = project({ "queues/a.ts": HANDLER });
  const reader = createProjectReader(root, { stage: "dev" });
  await reader.read();
  write("queues/a.ts", `${HANDLER}\nexport const config = { retries: 2 };`);
  expect(manifest(await reader.read()).queues[0]?.settings.retries).toBe(2);
});

test("a large project's next run reads only what changed, and never believes what is not so", async () => {
  const many = Object.fromEntries(
    Array.from({ length: 60 }, (_, n) => [
      `queues/q${n}.ts`,
      `${HANDLER}\nexport const config = { retries: 3 };`,
    ]),
  );
  const { root, path, write } = project(many);
  const first = manifest(await readProject(root, { stage: "dev" }));
  const store = path(".queue-run/cache/facts.json");
  await expect.poll(() => existsSync(store)).toBe(true);
  expect(manifest(await readProject(root, { stage: "dev" }))).toEqual(first);

  const { atime, mtime } = statSync(path("queues/q7.ts"));
  write("queues/q7.ts", `${HANDLER}\nexport const config = { retries: 4 };`);
  utimesSync(path("queues/q7.ts"), atime, mtime);
  const retries = (reading: ProjectReading) =>
    manifest(reading).queues.find(({ name }) => name === "q7")?.settings.retries;
  expect(retries(await readProject(root, { stage: "dev" }))).toBe(4);

  const kept = readFileSync(store, "utf8");
  writeFileSync(store, kept.slice(0, -100));
  expect(retries(await readProject(root, { stage: "dev" }))).toBe(4);
});
