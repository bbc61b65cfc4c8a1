/**
 * What running a job costs beside its handler: CPU per record of a batch of ten, against @aws-lambda-powertools/batch,
 * with one record in ten failing and with none. Both get Lambda's SQS event and parse JSON bodies; ours also decodes the
 * envelope, runs each job in a scope of its own with a signal and a timeout, and sets the visibility of what failed (on a
 * queue in memory). The floor is no more than that takes of Node: both JSON texts parsed, the handler called in a scope of
 * AsyncLocalStorage, its promise waited for. Every user is another. Every figure is of a process of its own, rounds of both sides alternate; the median ratio counts.
 *
 *   npm install --prefix test/bench && node test/bench/batch.mjs
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { fork } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROUNDS = 5;
const EVENTS = 20_000;
const RECORDS_PER_EVENT = 10;

if (process.argv[2] === "--measure")
  await measure(process.argv[3], process.argv[4], process.argv[5] === "failing");
else await compare();

async function compare() {
  const folder = mkdtempSync(join(tmpdir(), "queue-run-bench-"));
  try {
    const bundle = await bundleRuntime(folder);
    console.log(
      `Node ${process.version}; runtime bundle for a queue's function: ${(statSync(bundle).size / 1024).toFixed(1)} KB minified`,
    );
    for (const kind of ["succeeding", "failing"]) {
      const ours = [];
      const theirs = [];
      const floor = [];
      for (let round = 0; round < ROUNDS; round++) {
        ours.push(await run(bundle, "ours", kind));
        theirs.push(await run(bundle, "powertools", kind));
        floor.push(await run(bundle, "floor", kind));
      }
      const ratio = median(ours) / median(theirs);
      const label = kind === "failing" ? "one in ten failing" : "all succeeding    ";
      console.log(
        `${label}  ours ${median(ours).toFixed(2)} µs  powertools ${median(theirs).toFixed(2)} µs  ratio ${ratio.toFixed(2)}  floor ${median(floor).toFixed(2)} µs`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function bundleRuntime(folder) {
  const { build } = await import("esbuild");
  const source = (path) => fileURLToPath(new URL(`../../packages/runtime/src/${path}`, import.meta.url));
  const outfile = join(folder, "runtime.mjs");
  await build({
    entryPoints: [source("lambda/queue.ts")],
    bundle: true,
    splitting: true,
    outdir: folder,
    entryNames: "runtime",
    outExtension: { ".js": ".mjs" },
    format: "esm",
    platform: "node",
    target: "node20.19",
    minify: true,
    logLevel: "error",
  });
  return outfile;
}

function run(bundle, side, kind) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ["--measure", bundle, side, kind]);
    child.once("message", resolve);
    child.once("error", reject);
    child.once("exit", (code) => code && reject(new Error(`The measuring process ended with ${code}`)));
  });
}

/** In a process of its own: microseconds of CPU per record. */
async function measure(bundle, side, failing) {
  const invokers = { ours: oursInvoker, powertools: powertoolsInvoker, floor: floorInvoker };
  const invoke = await invokers[side](failing, bundle);
  const event = sqsEvent(side !== "powertools");
  const expected = failing ? 1 : 0;
  for (let index = 0; index < EVENTS / 2; index++) {
    const { batchItemFailures } = await invoke(event);
    if (batchItemFailures.length !== expected)
      throw new Error(`${side} reported ${batchItemFailures.length} failures`);
  }
  const before = process.cpuUsage();
  for (let index = 0; index < EVENTS; index++) await invoke(event);
  const { user, system } = process.cpuUsage(before);
  process.send((user + system) / (EVENTS * RECORDS_PER_EVENT));
}

async function handle({ n }, failing) {
  if (failing && n === 3) throw new Error("no");
}

async function oursInvoker(failing, bundle) {
  const { createQueueHandler } = await import(pathToFileURL(bundle).href);
  const settings = {
    timeoutSeconds: 300,
    retries: 4,
    backoff: "exponential",
    backoffDelaySeconds: 1,
    limits: { payloadBytes: null, pending: null, pushes: null, hops: 100 },
  };
  const queue = {
    changeVisibility: async () => {},
    deleteMessages: async () => {},
    sendDeadLetter: async () => {},
  };
  const module = { default: (payload) => handle(payload, failing) };
  const handler = createQueueHandler(
    { name: "bench", fifo: false, settings, load: async () => module },
    { queue },
  );
  const context = { awsRequestId: "request", getRemainingTimeInMillis: () => 310_000 };
  return (event) => handler(event, context);
}

async function powertoolsInvoker(failing) {
  const { BatchProcessor, EventType, processPartialResponse } = await import("@aws-lambda-powertools/batch");
  const processor = new BatchProcessor(EventType.SQS);
  const options = { throwOnFullBatchFailure: false };
  return (event) =>
    processPartialResponse(event, ({ body }) => handle(JSON.parse(body), failing), processor, options);
}

function floorInvoker(failing) {
  const scopes = new AsyncLocalStorage();
  return ({ Records }) =>
    new Promise((resolve) => {
      const batchItemFailures = [];
      let open = Records.length;
      const end = () => --open === 0 && resolve({ batchItemFailures });
      for (const { messageId, body, messageAttributes } of Records) {
        const scope = JSON.parse(messageAttributes["queue-run"].stringValue);
        const fail = () => batchItemFailures.push({ itemIdentifier: messageId });
        scopes.run(scope, handle, JSON.parse(body), failing).then(end, () => end(fail()));
      }
    });
}

function sqsEvent(withEnvelope) {
  const envelope = (n) => ({
    stringValue: `{"user":"u${n}"}`,
    stringListValues: [],
    binaryListValues: [],
    dataType: "String",
  });
  return {
    Records: Array.from({ length: RECORDS_PER_EVENT }, (_, n) => ({
      messageId: `059f36b4-87a3-44ab-83d2-661975830a0${n}`,
      receiptHandle: `AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a${n}`,
      body: JSON.stringify({ n, to: "ada@example.com", subject: "Welcome", tags: ["a", "b"] }),
      attributes: {
        ApproximateReceiveCount: "1",
        SentTimestamp: "1545082649183",
        SenderId: "AIDAIENQZJOLO23YVJ4VO",
        ApproximateFirstReceiveTimestamp: "1545082649185",
      },
      messageAttributes: withEnvelope ? { "queue-run": envelope(n) } : {},
      md5OfBody: "e4e68fb7bd0e697a0ae8f1bb342846b3",
      eventSource: "aws:sqs",
      eventSourceARN: "arn:aws:sqs:us-east-1:123456789012:bench",
      awsRegion: "us-east-1",
    })),
  };
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
