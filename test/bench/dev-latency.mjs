/**
 * Idle latencies: a POST to its handler, a push from inside to its handler, and, as the floor of both, a message to a
 * thread that sleeps. `node test/bench/dev-latency.mjs [n]`
 */
import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { makeProject, ms, percentile, startDev, until } from "./dev-project.mjs";

const count = Number(process.argv[2] ?? 200);
const project = makeProject({
  "queues/timed.ts": `
import { appendFileSync } from "node:fs";
import { queues } from "queue-run";
export const queue = queues.self<{ sentAt: string }>();
export default async function ({ sentAt }: { sentAt: string }) {
  const now = process.hrtime.bigint();
  appendFileSync("times.txt", Number(now - BigInt(sentAt)) / 1e6 + "\\n");
}`,
  "api/timed.ts": `import { queue } from "#queues/timed.js";\nexport const post = queue.http;\n`,
  "api/push.ts": `import { queue } from "#queues/timed.js";
export const post = async () => { await queue.push({ sentAt: String(process.hrtime.bigint()) }); return null; };\n`,
});
const server = await startDev(project.folder);
const agent = new Agent({ keepAlive: true });
const post = (path, body) =>
  new Promise((resolve, reject) => {
    const sent = request(server.url + path, {
      method: "POST",
      agent,
      headers: { "content-type": "application/json" },
    });
    sent.on("response", (response) => response.resume().on("end", () => resolve(response.statusCode)));
    sent.on("error", reject);
    sent.end(body);
  });
const times = () => {
  try {
    return readFileSync(join(project.folder, "times.txt"), "utf8").trim().split("\n").map(Number);
  } catch {
    return [];
  }
};

async function measure(name, send) {
  const before = times().length;
  for (let n = 0; n < count; n++) {
    await send();
    await until(() => times().length === before + n + 1, 2);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const taken = times().slice(before + Math.floor(count / 5));
  console.log(`${name}: p50 ${ms(percentile(taken, 0.5))}, p90 ${ms(percentile(taken, 0.9))}`);
}

/** A push from a handler takes two of these at least: to the main thread, and to the queue's worker. */
async function measureWakeUp() {
  const code = `require("node:worker_threads").parentPort.on("message", (sentAt) =>
    require("node:worker_threads").parentPort.postMessage(Number(process.hrtime.bigint() - sentAt) / 1e6));`;
  const worker = new Worker(code, { eval: true });
  const taken = [];
  for (let n = 0; n < count; n++) {
    const answered = new Promise((resolve) => worker.once("message", resolve));
    worker.postMessage(process.hrtime.bigint());
    taken.push(await answered);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await worker.terminate();
  const warm = taken.slice(Math.floor(count / 5));
  console.log(
    `message to a sleeping thread: p50 ${ms(percentile(warm, 0.5))}, p90 ${ms(percentile(warm, 0.9))}`,
  );
}

await measure("POST to handler", () =>
  post("/timed", JSON.stringify({ sentAt: String(process.hrtime.bigint()) })),
);
await measure("push to handler", () => post("/push", ""));
agent.destroy();
await server.stop();
await measureWakeUp();
project.dispose();
