/**
 * What a push costs a handler, against @aws-sdk/client-sqs in the same run: importing, the first push, CPU of a warm
 * push, and bundle sizes. "a queue's function" is a project's, as `queue-run build` writes it, its handler loaded; the
 * others are bundled alike (esbuild, minified, split). Sends go to a server on this machine over plain HTTP, so TLS is in
 * no figure. The floors are a bare request over node:http, and over a socket, with the four hashes that a signature takes.
 * The least of many interleaved runs is reported: other work on the machine only ever adds. Only ratios within a run mean
 * anything.
 *
 *   npm run build && node test/bench/cold-start.mjs [--runs 15] [--node /path/to/node24,/path/to/node22]
 *
 * With `npm install --prefix test/bench`, the import of @aws-lambda-powertools/batch is measured too.
 */
import { execFile, fork } from "node:child_process";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
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
  "node:http": floor(`
    const http = process.getBuiltinModule("node:http");
    const agent = new http.Agent({ keepAlive: true });
    const post = (head, body) => new Promise((resolve, reject) => {
      const request = http.request({ agent, host, port, method: "POST", headers: head }, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk)).on("end", () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
      });
      request.on("error", reject).end(body);
    });`),
  "node:net": floor(`
    const net = process.getBuiltinModule("node:net");
    let socket = null, read = "", done = null;
    const open = () => {
      socket = net.connect({ host, port, noDelay: true }).on("close", () => { socket = null; });
      socket.on("data", (bytes) => {
        read += bytes.latin1Slice();
        if (!read.endsWith("0\\r\\n\\r\\n")) return;
        const body = read.split("\\r\\n")[read.split("\\r\\n").indexOf("") + 2];
        read = "";
        done(JSON.parse(body));
      });
    };
    const post = (head, body) => new Promise((resolve) => {
      done = resolve;
      if (!socket) open();
      let text = "POST / HTTP/1.1\\r\\n";
      for (const name in head) text += name + ": " + head[name] + "\\r\\n";
      socket.write(text + "\\r\\n" + body);
    });`),
  "powertools batch": `export { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";`,
};

/** A push that does no more than it must: `post(headers, body)` is given the headers that ours has. */
function floor(post) {
  return `
    let host, port;
    const { createHmac, createSecretKey, hash } = process.getBuiltinModule("node:crypto");
    const key = createSecretKey(Buffer.alloc(32));
    ${post}
    export function connect(endpoint) { ({ hostname: host, port } = new URL(endpoint)); }
    export const push = () => {
      const body = JSON.stringify({ QueueUrl: "http://localhost/000000000000/jobs", MessageBody: JSON.stringify(${PAYLOAD}) });
      const payload = hash("sha256", body);
      const head = {
        host: host + ":" + port, "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.SendMessage",
        "x-amz-content-sha256": payload, "x-amz-date": "20261122T000000Z", "content-length": Buffer.byteLength(body), connection: "keep-alive",
        authorization: "AWS4-HMAC-SHA256 " + createHmac("sha256", key).update(hash("sha256", body + payload)).digest("hex"),
      };
      return post(head, body).then(({ MD5OfMessageBody }) => { if (MD5OfMessageBody !== hash("md5", JSON.parse(body).MessageBody)) throw new Error(); });
    };
    export const pushTen = () => push();`;
}

/** What runs in a process of its own: one import and one push, or many warm pushes. */
const MEASURE = `
const [file, endpoint, mode] = process.argv.slice(2);
Object.assign(process.env, {
  QUEUE_RUN_PROJECT: "bench", QUEUE_RUN_STAGE: "prod", QUEUE_RUN_SQS_URL_PREFIX: endpoint + "/000000000000/", AWS_REGION: "us-east-1",
});
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
bundles["a queue's function"] = await buildQueueFunction();

const server = fork(`${here}servers/answering-sqs.mjs`);
const port = await new Promise((resolve) => server.once("message", resolve));
const endpoint = `http://127.0.0.1:${port}`;
for (const node of flags.node.split(",")) await report(node);
server.disconnect();

async function bundle(name, contents) {
  const outdir = `${results}${name.replaceAll(/\W/g, "-")}`;
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

/** The function of a queue that pushes to itself, in a project of its own. */
async function buildQueueFunction() {
  const root = `${results}project/`;
  await mkdir(`${root}queues`, { recursive: true });
  await writeFile(`${root}package.json`, JSON.stringify({ name: "bench", type: "module" }));
  await writeFile(
    `${root}queues/jobs.ts`,
    'import { queues } from "queue-run";\nconst queue = queues.self<number>();\nexport default (n: number) => queue.push(n + 1);\n',
  );
  const bin = fileURLToPath(new URL("../../packages/queue-run/bin/queue-run.js", import.meta.url));
  await run(process.execPath, [bin, "build"], { cwd: root });
  const folder = `${root}.queue-run/build/queue-jobs/`;
  const names = (await readdir(folder)).filter((name) => name.endsWith(".mjs"));
  const sizes = await Promise.all(names.map(async (name) => (await stat(folder + name)).size));
  const file = `${folder}index.mjs`;
  return { file, atOnce: (await stat(file)).size, inAll: sizes.reduce((sum, size) => sum + size, 0) };
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
  const warm = ["ours", "client-sqs", "node:http", "node:net"];
  for (const round of [1, 2, 3]) {
    for (const name of round % 2 ? warm : warm.toReversed())
      samples[name].push(await measure(node, name, "warm"));
  }
  const least = (name, figure) => Math.min(...samples[name].map((sample) => sample[figure]).filter(Boolean));
  const floor = least("empty", "importMs");
  for (const name of names) {
    const { atOnce, inAll } = bundles[name];
    const added = `+${(least(name, "importMs") - floor).toFixed(1)} ms`;
    if (!name.startsWith("node:"))
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
    const floors = ["node:net", "node:http"].map((name) => `${name} ${show(least(name, figure))}`);
    const beside = figure === "cpuOfTen" ? "" : `; floors: ${floors.join(", ")}`;
    console.log(`${label}: ours ${show(ours)}, client-sqs ${show(theirs)}: ${ratio} ×${beside}`);
  }
}

async function measure(node, name, mode) {
  const { stdout } = await run(node, [`${results}measure.mjs`, bundles[name].file, endpoint, mode]);
  return JSON.parse(stdout);
}

function kilobytes(bytes) {
  return `${(bytes / 1024).toFixed(1)} KB`;
}
