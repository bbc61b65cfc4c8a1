/**
 * What a push costs a handler, against @aws-sdk/client-sqs in the same run: importing, the first push, CPU of a warm
 * push, and bundle sizes. Everything is bundled as deploying does (esbuild, minified, split). Sends go to a server on
 * this machine over plain HTTP, so TLS is in neither figure. The least of many interleaved runs is
 * reported: other work on the machine only ever adds. Only ratios within a run mean anything.
 *
 *   npm run build && node test/bench/cold-start.mjs [--runs 15] [--node /path/to/node24,/path/to/node22]
 *
 * With `npm install --prefix test/bench`, the import of @aws-lambda-powertools/batch is measured too.
 */
import { execFile, fork } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { build } from "esbuild";

const { values: flags } = parseArgs({
  options: {
    runs: { type: "string", default: "15" },
    node: { type: "string", default: process.execPath },
  },
});
const RUNS = Number(flags.runs);
const here = fileURLToPath(new URL(".", import.meta.url));
const results = fileURLToPath(new URL("results/cold-start/", import.meta.url));
const runtime = fileURLToPath(new URL("../../packages/runtime/dist/", import.meta.url));
const run = promisify(execFile);

const PAYLOAD = "{ userId: 42, text: 'x'.repeat(160) }";
/** What is bundled. Each may export `push(endpoint)`, which sends one message, and `pushTen`. */
const ENTRIES = {
  empty: "export {};",
  references: `export { queues } from "${runtime}index.js";`,
  // As a queue's function has it: its file takes "queues" from "queue-run", and nothing else.
  "queue runtime": `export { bindQueues } from "${runtime}bind.js"; export * from "${runtime}lambda/queue.js";`,
  ours: `
    import { bindQueues } from "${runtime}bind.js";
    import { configureInstance } from "${runtime}instance.js";
    const queue = bindQueues({ queue: "jobs", fifo: false }).self();
    const link = { name: "jobs", fifo: false, physicalName: "jobs", deadLetterPhysicalName: "jobs-dlq", jobs: null, maxPayloadBytes: null, track: false };
    export function connect(endpoint) {
      const credentials = { accessKeyId: "local", secretAccessKey: "local" };
      const sqs = { region: "us-east-1", endpoint, credentials, queueUrlPrefix: endpoint + "/000000000000/" };
      configureInstance({ project: "bench", stage: "dev", queues: { jobs: link }, sqs, baseUrl: null, readableLogs: false });
    }
    export const push = () => queue.push(${PAYLOAD});
    export const pushTen = () => Promise.all(Array.from({ length: 10 }, push));`,
  "client-sqs": `
    import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
    let client, QueueUrl;
    export function connect(endpoint) {
      client = new SQSClient({ endpoint, region: "us-east-1", credentials: { accessKeyId: "local", secretAccessKey: "local" } });
      QueueUrl = endpoint + "/000000000000/jobs";
    }
    export const push = () => client.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(${PAYLOAD}) }));
    export const pushTen = () => Promise.all(Array.from({ length: 10 }, push));`,
  "powertools batch": `export { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";`,
};

/** What runs in a process of its own: one import and one push, or many warm pushes. */
const MEASURE = `
const [file, endpoint, mode] = process.argv.slice(2);
const start = performance.now();
const entry = await import(file);
const importMs = performance.now() - start;
const figures = { importMs };
if (entry.connect) {
  entry.connect(endpoint);
  await entry.push();
  figures.importAndFirstPushMs = performance.now() - start;
}
if (mode === "warm") {
  const cpu = async (body, count) => {
    const before = process.cpuUsage();
    for (let index = 0; index < count; index++) await body();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / count;
  };
  await cpu(entry.push, 1500);
  figures.cpuOfPush = await cpu(entry.push, 2000);
  figures.cpuOfTen = (await cpu(entry.pushTen, 300)) / 10;
}
process.stdout.write(JSON.stringify(figures));
process.exit();
`;

await rm(results, { recursive: true, force: true });
await mkdir(results, { recursive: true });
await writeFile(`${results}measure.mjs`, MEASURE);
const bundles = {};
for (const [name, contents] of Object.entries(ENTRIES)) bundles[name] = await bundle(name, contents);

const server = fork(`${here}servers/answering-sqs.mjs`);
const port = await new Promise((resolve) => server.once("message", resolve));
const endpoint = `http://127.0.0.1:${port}`;
for (const node of flags.node.split(",")) await report(node);
server.disconnect();

async function bundle(name, contents) {
  const outdir = `${results}${name.replaceAll(" ", "-")}`;
  try {
    const { metafile } = await build({
      stdin: { contents, resolveDir: here, sourcefile: "entry.js" },
      bundle: true,
      splitting: true,
      minify: true,
      format: "esm",
      platform: "node",
      target: "node20",
      outdir,
      outExtension: { ".js": ".mjs" },
      metafile: true,
      mainFields: ["module", "main"],
      conditions: ["module"],
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
      logLevel: "silent",
    });
    return { file: `${outdir}/stdin.mjs`, ...sizes(metafile.outputs) };
  } catch {
    return null;
  }
}

/** Bytes that importing reads, and bytes of all that may be loaded later. */
function sizes(outputs) {
  const entry = Object.keys(outputs).find((file) => file.endsWith("stdin.mjs"));
  const reach = (kinds) => {
    const seen = new Set([entry]);
    for (const file of seen) {
      for (const { kind, path } of outputs[file].imports)
        if (kinds.includes(kind) && outputs[path]) seen.add(path);
    }
    return [...seen].reduce((sum, file) => sum + outputs[file].bytes, 0);
  };
  return { atOnce: reach(["import-statement"]), inAll: reach(["import-statement", "dynamic-import"]) };
}

async function report(node) {
  const { stdout: version } = await run(node, ["--version"]);
  console.log(`\nNode ${version.trim()}, the least of ${RUNS} interleaved runs\n`);
  const names = Object.keys(bundles).filter((name) => bundles[name]);
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < RUNS; round++) {
    for (const name of names) samples[name].push(await measure(node, name, "once"));
  }
  for (const round of [1, 2, 3]) {
    for (const name of round % 2 ? ["ours", "client-sqs"] : ["client-sqs", "ours"]) {
      samples[name].push(await measure(node, name, "warm"));
    }
  }
  const least = (name, figure) => Math.min(...samples[name].map((sample) => sample[figure]).filter(Boolean));
  const floor = least("empty", "importMs");
  for (const name of names) {
    const { atOnce, inAll } = bundles[name];
    const added = `+${(least(name, "importMs") - floor).toFixed(1)} ms`;
    console.log(
      `import ${name.padEnd(18)} ${added.padStart(10)}   ${kilobytes(atOnce)} at once, ${kilobytes(inAll)} in all`,
    );
  }
  compare("import and first push", "importAndFirstPushMs", (ms) => `${(ms - floor).toFixed(1)} ms`, floor);
  compare("CPU of a warm push", "cpuOfPush", (us) => `${us.toFixed(0)} µs`);
  compare("CPU of each of ten pushed together", "cpuOfTen", (us) => `${us.toFixed(0)} µs`);

  function compare(label, figure, show, base = 0) {
    const [ours, theirs] = [least("ours", figure), least("client-sqs", figure)];
    const ratio = ((ours - base) / (theirs - base)).toFixed(2);
    console.log(`${label}: ours ${show(ours)}, client-sqs ${show(theirs)}: ${ratio} ×`);
  }
}

async function measure(node, name, mode) {
  const { stdout } = await run(node, [`${results}measure.mjs`, bundles[name].file, endpoint, mode]);
  return JSON.parse(stdout);
}

function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(1)} KB`;
}
