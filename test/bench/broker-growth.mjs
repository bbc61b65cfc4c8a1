// The broker alone, on disk: time per operation, memory per waiting message and time to open the store, as the queue
// grows. Usage: node test/bench/broker-growth.mjs [--sizes 1000,10000,100000,1000000] [--kinds standard,fifo]
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const { values } = parseArgs({
  options: {
    sizes: { type: "string", default: "1000,10000,100000,1000000" },
    kinds: { type: "string", default: "standard,fifo" },
    operations: { type: "string", default: "20000" },
    concurrency: { type: "string", default: "50" },
    body: { type: "string", default: "200" },
  },
});
const operations = Number(values.operations);
const concurrency = Number(values.concurrency);
const body = "x".repeat(Number(values.body));

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc");

const scratch = await mkdtemp(join(root, "test/bench/.broker-growth-"));
try {
  const { createBroker, DurableStorage } = await bundle();
  console.log(
    `${operations} operations, ${concurrency} at once, bodies of ${body.length} bytes; microseconds per operation`,
  );
  console.log("queue     waiting   send  receive  delete   bytes/msg  open ms");
  for (const kind of values.kinds.split(",")) {
    for (const size of values.sizes.split(",").map(Number))
      await measure(createBroker, DurableStorage, kind, size);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}

async function measure(createBroker, DurableStorage, kind, size) {
  const directory = join(scratch, `${kind}-${size}`);
  const name = kind === "fifo" ? "queue.fifo" : "queue";
  let broker = await createBroker({ storage: await DurableStorage.open(directory) });
  await broker.createQueue(name, { fifoQueue: kind === "fifo", visibilityTimeoutSeconds: 600 }, {});
  let sent = 0;
  const send = () => {
    const fifo =
      kind === "fifo" ? { messageGroupId: `group-${sent % 1000}`, messageDeduplicationId: `d-${sent}` } : {};
    sent++;
    return broker.send(name, { body, ...fifo });
  };
  // The first ones warm up the code; they are gone before memory is measured.
  await repeat(5_000, send);
  await drain(broker, name);
  const heapBefore = heapBytes();
  await repeat(size, send);
  await broker.close();
  // Opened again, so that neither young contents nor deduplication windows of the loading count.
  const startedAt = performance.now();
  broker = await createBroker({ storage: await DurableStorage.open(directory) });
  const openMs = performance.now() - startedAt;
  const bytes = (heapBytes() - heapBefore) / size;

  const sendUs = await repeat(operations, send);
  const handles = [];
  const receiveUs = await repeat(operations / 10, async () => {
    const { messages } = await broker.receive(name, { maxMessages: 10 });
    handles.push(...messages.map((message) => message.receiptHandle));
  });
  const received = handles.length;
  const deleteUs = await repeat(received, () => broker.deleteMessage(name, handles.pop()));
  console.log(
    [
      kind.padEnd(9),
      String(size).padStart(8),
      sendUs.toFixed(1).padStart(6),
      ((receiveUs * operations) / 10 / received).toFixed(1).padStart(8),
      deleteUs.toFixed(1).padStart(7),
      bytes.toFixed(0).padStart(11),
      openMs.toFixed(0).padStart(8),
    ].join(" "),
  );
  await broker.close();
}

/** Returns microseconds per operation. */
async function repeat(count, operation) {
  const startedAt = performance.now();
  let left = count;
  const worker = async () => {
    while (left-- > 0) await operation();
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return ((performance.now() - startedAt) * 1000) / count;
}

async function drain(broker, name) {
  for (;;) {
    const { messages } = await broker.receive(name, { maxMessages: 10 });
    if (messages.length === 0) return;
    await Promise.all(messages.map((message) => broker.deleteMessage(name, message.receiptHandle)));
  }
}

function heapBytes() {
  collectGarbage();
  collectGarbage();
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

async function bundle() {
  const { build } = createRequire(join(root, "packages/cli/package.json"))("esbuild");
  const source = join(root, "packages/cli/src/local-sqs");
  const { outputFiles } = await build({
    stdin: {
      contents: `export { createBroker } from "${source}/broker/create-broker.ts";
        export { DurableStorage } from "${source}/storage/durable-storage.ts";`,
      resolveDir: join(root, "packages/cli"),
    },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    conditions: ["queue-run:source"],
    external: ["classic-level"],
  });
  const path = join(scratch, "broker.mjs");
  await writeFile(path, outputFiles[0].text);
  return import(pathToFileURL(path).href);
}
