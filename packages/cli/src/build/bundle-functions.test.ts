import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { ProjectProblemsError } from "../errors/project-errors.js";
import { readProject } from "../project/read-project.js";
import { temporaryProject } from "../project/temporary-project.js";
import { bundleFunctions } from "./bundle-functions.js";
import { withCompressedSizes } from "./compressed-size.js";
import { loadInNode } from "./load-in-node.js";

let shared: Awaited<ReturnType<typeof bundle>>;
beforeAll(async () => {
  shared = await bundle(PROJECT, { keep: true });
});
afterAll(() => shared.dispose());

async function bundle(files: Record<string, string>, { keep = false } = {}) {
  const project = temporaryProject(files);
  if (!keep) onTestFinished(project.dispose);
  return { ...project, ...(await rebuild(project.root, OUTPUT)) };
}

async function rebuild(root: string, output: string) {
  const reading = await readProject(root, { stage: "prod" });
  if ("problems" in reading) throw new ProjectProblemsError(reading.problems);
  const outDir = join(root, output);
  const bundles = await bundleFunctions(reading.manifest, outDir);
  return { outDir, bundles, byId: new Map(bundles.map((each) => [each.id, each])) };
}

const OUTPUT = ".queue-run/build";

const PROJECT = {
  "queues/emails.ts": `
    import { queues } from "queue-run";
    import { greet } from "#lib/greet.js";
    export const queue = queues.self<{ name: string }>();
    export const config = { retries: 2 };
    globalThis.loadedEmails = true;
    export default queue.handler(async ({ name }) => { globalThis.ran = [greet(name), String(queue)]; });
  `,
  "queues/update_profile.fifo.ts": "export default async function () {}",
  "api/index.ts": "globalThis.loadedIndex = true; export const get = () => 'home';",
  "api/orders/[id].tsx":
    'import { url } from "queue-run"; const self = url.self<{ id: string }>(); export const get = ({ params }: { params: { id: string } }) => <a href={self({ id: params.id })}>order</a>;',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the source of a file
  "lib/greet.ts": "export const greet = (name: string) => `Hello ${name}`;",
};

/** Everything in a folder, by its path in it. */
function contents(folder: string, prefix = ""): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory()
        ? Object.entries(contents(join(folder, entry.name), `${prefix}${entry.name}/`))
        : [[prefix + entry.name, readFileSync(join(folder, entry.name), "utf8")]],
    ),
  );
}

const SQS_EVENT = {
  Records: [
    {
      messageId: "11111111-1111-4111-8111-111111111111",
      receiptHandle: "handle",
      body: JSON.stringify({ name: "Ann" }),
      attributes: {
        ApproximateReceiveCount: "1",
        SentTimestamp: "0",
        SenderId: "x",
        ApproximateFirstReceiveTimestamp: "0",
      },
      messageAttributes: {},
      md5OfBody: "",
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:us-east-1:000000000000:shop-prod-emails",
      awsRegion: "us-east-1",
    },
  ],
};

const CONTEXT = '{ awsRequestId: "request", functionVersion: "1", getRemainingTimeInMillis: () => 60_000 }';

test("makes one function for each queue and one for the API", async () => {
  const { bundles, outDir } = shared;
  expect(bundles.map(({ id, file }) => [id, file])).toEqual([
    ["api", join(outDir, "api/index.mjs")],
    ["queue:emails", join(outDir, "queue-emails/index.mjs")],
    ["queue:update_profile.fifo", join(outDir, "queue-update_profile-fifo/index.mjs")],
  ]);
  for (const { bytes, gzipBytes } of withCompressedSizes(bundles)) {
    expect(gzipBytes).toBeGreaterThan(1_000);
    expect(gzipBytes).toBeLessThan(bytes);
  }
});

test("a queue's function runs the job of an SQS event, knowing its own queue", async () => {
  const { byId } = shared;
  const { file } = byId.get("queue:emails") ?? { file: "" };
  const expression = `module.handler(${JSON.stringify(SQS_EVENT)}, ${CONTEXT}).then((response) => [response, globalThis.ran])`;
  expect(await loadInNode(pathToFileURL(file).href, expression)).toEqual([
    { batchItemFailures: [] },
    ["Hello Ann", "emails"],
  ]);
});

test("a schedule's function runs it with what EventBridge Scheduler sends", async () => {
  const { byId } = await bundle({
    "schedules/daily.ts":
      'export const schedule = "daily at 9:00"; export default ({ name, jobId, cron, scheduledAt }) => { globalThis.ran = [name, jobId, cron, scheduledAt.toISOString()]; }',
  });
  const { file } = byId.get("schedule:daily") ?? { file: "" };
  const input = { schedule: "daily", scheduledAt: "2026-11-23T09:00:00Z", executionId: "d32c5kddcf5bb8c3" };
  const expression = `module.handler(${JSON.stringify(input)}, ${CONTEXT}).then(() => globalThis.ran)`;
  expect(await loadInNode(pathToFileURL(file).href, expression)).toEqual([
    "daily",
    "d32c5kddcf5bb8c3",
    "0 9 * * *",
    "2026-11-23T09:00:00.000Z",
  ]);
});

test("the API's function answers, and loads a route when it is asked for", async () => {
  const { byId, path } = shared;
  const { file, routes } = byId.get("api") ?? { file: "", routes: [] };
  expect(routes.map((route) => route.file)).toEqual(["api/index.ts", "api/orders/[id].tsx"]);
  for (const { bytes } of routes) expect(bytes).toBeGreaterThan(0);
  const event = (rawPath: string) =>
    JSON.stringify({
      version: "2.0",
      rawPath,
      rawQueryString: "",
      headers: { host: "x" },
      requestContext: { http: { method: "GET", path: rawPath, sourceIp: "127.0.0.1" }, requestId: "1" },
      isBase64Encoded: false,
    });
  const driver = path("driver.mjs");
  writeFileSync(
    driver,
    `process.env.QUEUE_RUN_HTTP = "api-gateway";
     const { handler } = await import(${JSON.stringify(pathToFileURL(file).href)});
     const context = ${CONTEXT};
     const order = await handler(${event("/orders/7")}, context);
     export const before = globalThis.loadedIndex === undefined;
     const home = await handler(${event("/")}, context);
     export const answers = [order.statusCode, order.body, home.statusCode, home.body];`,
  );
  expect(await loadInNode(pathToFileURL(driver).href, "[module.before, ...module.answers]")).toEqual([
    true,
    200,
    '<a href="/orders/7">order</a>',
    200,
    "home",
  ]);
});

test("a handler's bundle holds no tool of the command line", async () => {
  const { bundles } = shared;
  for (const { inputs, id } of bundles) {
    const packages = new Set(
      inputs.flatMap((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1] ?? []),
    );
    for (const tool of [
      "commander",
      "esbuild",
      "oxc-parser",
      "oxc-resolver",
      "chokidar",
      "classic-level",
      "@aws-sdk/client-sqs",
      "@clack/prompts",
    ]) {
      expect(packages, `${tool} in ${id}`).not.toContain(tool);
    }
    expect(inputs.filter((input) => /packages\/cli\//.test(input))).toEqual([]);
  }
});

test("the same files give the same bytes, wherever the project is", async () => {
  const one = shared;
  const other = await bundle(PROJECT);
  const namesAside = (root: string) =>
    Object.fromEntries(
      Object.entries(contents(join(root, ".queue-run/build"))).filter(([name]) => !name.endsWith(".map")),
    );
  expect(namesAside(one.root)).toEqual(namesAside(other.root));
  const before = contents(other.outDir);
  await rebuild(other.root, OUTPUT);
  expect(contents(other.outDir)).toEqual(before);
});

test("a change of one queue leaves the others' bytes alone", async () => {
  const { root, outDir, write } = await bundle(PROJECT);
  const before = contents(join(outDir, "queue-update_profile-fifo"));
  write("queues/emails.ts", "export default async () => { console.log('changed'); };");
  await rebuild(root, ".queue-run/build");
  expect(contents(join(outDir, "queue-update_profile-fifo"))).toEqual(before);
});

test("a removed queue's code goes, and what is not ours stays", async () => {
  const { root, outDir, remove, write } = await bundle(PROJECT);
  write(".queue-run/build/mine.txt", "mine");
  remove("queues/emails.ts");
  await rebuild(root, ".queue-run/build");
  expect(readdirSync(outDir).sort()).toEqual(["api", "build.json", "mine.txt", "queue-update_profile-fifo"]);
});

test("stacks show sources", async () => {
  const { byId, path } = await bundle({
    "queues/x.ts":
      "type A = 1;\n\nexport default async function handler() {\n  globalThis.stack = new Error('here').stack;\n}\n",
  });
  const { file } = byId.get("queue:x") ?? { file: "" };
  const expression = `module.handler(${JSON.stringify(SQS_EVENT)}, ${CONTEXT}).then(() => globalThis.stack)`;
  expect(await loadInNode(pathToFileURL(file).href, expression)).toContain(`${path("queues/x.ts")}:4:`);
});

test("CommonJS handlers and packages work, with require and __dirname", async () => {
  const { byId } = await bundle({
    "package.json": JSON.stringify({ name: "x" }),
    "node_modules/legacy/package.json": JSON.stringify({ name: "legacy", main: "index.js" }),
    "node_modules/legacy/index.js":
      'module.exports = { sep: require("node:path").sep, here: typeof __dirname };',
    "queues/x.js":
      'const { queues } = require("queue-run"); const legacy = require("legacy"); module.exports = async () => { globalThis.ran = [legacy.sep.length, legacy.here, queues.self().name]; }; module.exports.config = { retries: 1 };',
  });
  const { file } = byId.get("queue:x") ?? { file: "" };
  const expression = `module.handler(${JSON.stringify(SQS_EVENT)}, ${CONTEXT}).then((response) => [response, globalThis.ran])`;
  expect(await loadInNode(pathToFileURL(file).href, expression)).toEqual([
    { batchItemFailures: [] },
    [1, "string", "x"],
  ]);
});

test("reports everything that cannot be bundled, each once, with its place", async () => {
  const files = {
    "queues/a.ts": 'import x from "not-there";\nexport default async () => x;',
    "queues/b.ts": 'import "#lib/nope.js";\nimport "../logo.png";\nexport default async () => {};',
    "logo.png": "png",
  };
  const error = await bundle(files).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProjectProblemsError);
  const { problems } = error as ProjectProblemsError;
  expect(problems.map(({ file, line, code }) => `${file}:${line} ${code}`).sort()).toEqual([
    "queues/a.ts:1 QR_BUILD_FAILED",
    "queues/b.ts:1 QR_BUILD_FAILED",
    "queues/b.ts:2 QR_BUILD_FAILED",
  ]);
  expect((error as Error).message).toContain('import x from "not-there"');
});

test("external packages stay outside", async () => {
  const { byId } = await bundle({
    "queue-run.config.ts": 'export default { external: ["heavy"] };',
    "queues/a.ts":
      'import heavy from "heavy"; import sub from "heavy/sub"; export default async () => [heavy, sub];',
  });
  const { file } = byId.get("queue:a") ?? { file: "" };
  const code = Object.values(contents(dirname(file))).join("\n");
  expect(code).toMatch(/from"heavy"/);
  expect(code).toMatch(/from"heavy\/sub"/);
});

test("no value of .env is in a bundle", async () => {
  const { outDir } = await bundle({
    ".env": "SECRET=s3cr3t-value",
    "queues/a.ts": "export default async () => process.env.SECRET;",
  });
  const all = contents(outDir);
  expect(Object.values(all).join("\n")).not.toContain("s3cr3t-value");
  expect(Object.keys(all).some((name) => basename(name).startsWith(".env"))).toBe(false);
});

test.each([
  [".env", 'import text from "../.env" with { type: "text" };'],
  [".env.production", 'import text from "../.env.production" with { type: "text" };'],
  [".env.json", 'import text from "../.env.json";'],
  [".npmrc", 'import text from "../.npmrc" with { type: "text" };'],
])("nor is %s, however it is imported", async (name, code) => {
  const files = { [name]: '"s3cr3t-value"', "queues/a.ts": `${code}\nexport default async () => text;` };
  const error = await bundle(files).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ProjectProblemsError);
  expect((error as ProjectProblemsError).problems).toMatchObject([
    {
      file: "queues/a.ts",
      line: 1,
      message: expect.stringContaining(`${name} is of this machine alone`),
      fix: expect.stringContaining("process.env"),
    },
  ]);
  expect(String(error)).not.toContain("s3cr3t-value");
});

test("what verifies tokens is in the functions that do, and in no other", async () => {
  const plain = { "api/index.ts": "export const get = () => 1;", "queues/a.ts": "export default () => {};" };
  const verifying = `import { jwt } from "queue-run";
    export const get = async () => (await jwt.verify({ token: "a.b.c", secret: "s" })).id;`;
  const holders = ({ bundles }: Awaited<ReturnType<typeof bundle>>) => ({
    inputs: bundles.flatMap(({ id, inputs }) => (inputs.some((it) => /\/jose\//.test(it)) ? [id] : [])),
    files: bundles.flatMap(({ id, files }) => (files.some((it) => /check-token/.test(it)) ? [id] : [])),
  });
  expect(holders(await bundle(plain))).toEqual({ inputs: [], files: [] });
  const api = { inputs: ["api"], files: ["api"] };
  expect(holders(await bundle({ ...plain, "api/who.ts": verifying }))).toEqual(api);
});
