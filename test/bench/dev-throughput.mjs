/**
 * Jobs pushed and run a second against BullMQ at concurrency 50 (on a Redis of its own, where one is installed), and HTTP
 * requests a second against bare node:http. `node test/bench/dev-throughput.mjs [jobs]`
 */
import { Agent, createServer, request } from "node:http";
import { makeProject, percentile, startDev } from "./dev-project.mjs";
import { startBullmq } from "./servers/bullmq.mjs";

const jobs = Number(process.argv[2] ?? 20_000);
const project = makeProject({
  "queues/work.ts": `
import { queues } from "queue-run";
export const queue = queues.self<{ n: number }>();
let ran = 0;
export default async function ({ n }: { n: number }) { if (++ran % 1000 === 0) fetchCount(); }
function fetchCount() {}
`,
  "api/push.ts": `import { queue } from "#queues/work.js";
export const config = { timeout: 300 };
export async function post({ query }: { query: { n: string } }) {
  const count = Number(query.n);
  for (let n = 0; n < count; n += 500)
    await queue.pushAll(Array.from({ length: Math.min(500, count - n) }, (_, i) => ({ n: n + i })));
  return { count };
}
`,
  "api/hello.ts": `export const get = () => "hello";\n`,
});

const server = await startDev(project.folder);
const sqs = (await (await fetch(`${server.url}/_queue-run/status`)).json()).sqsEndpoint;

async function remaining() {
  const response = await fetch(sqs, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.GetQueueAttributes" },
    body: JSON.stringify({ QueueUrl: `${sqs}/000000000000/work`, AttributeNames: ["All"] }),
  });
  const { Attributes } = await response.json();
  return (
    Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible)
  );
}

async function pushAndRun(count) {
  const startedAt = performance.now();
  await fetch(`${server.url}/push?n=${count}`, { method: "POST" });
  const pushedAt = performance.now();
  while ((await remaining()) > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const endedAt = performance.now();
  return {
    perSecond: count / ((endedAt - startedAt) / 1000),
    pushPerSecond: count / ((pushedAt - startedAt) / 1000),
  };
}

const ROUNDS = 3;
const bullmq = await startBullmq();
await pushAndRun(2_000);
await bullmq?.jobsPerSecond(2_000);
const ran = { dev: [], pushed: [], bullmq: [] };
for (let round = 0; round < ROUNDS; round++) {
  const { perSecond, pushPerSecond } = await pushAndRun(jobs);
  ran.dev.push(perSecond);
  ran.pushed.push(pushPerSecond);
  if (bullmq) ran.bullmq.push(await bullmq.jobsPerSecond(jobs));
}
bullmq?.stop();
const median = (values) => percentile(values, 0.5);
console.log(
  `jobs pushed and run: ${Math.round(median(ran.dev))} a second (pushed: ${Math.round(median(ran.pushed))} a second)`,
);
console.log(
  bullmq
    ? `BullMQ on Redis: ${Math.round(median(ran.bullmq))} a second, ratio ${(median(ran.dev) / median(ran.bullmq)).toFixed(2)}`
    : "BullMQ: skipped, redis-server or the package is not installed",
);

/** Requests a second with 50 connections. */
async function load(url, seconds) {
  const agent = new Agent({ keepAlive: true, maxSockets: 50 });
  const endAt = performance.now() + seconds * 1000;
  let answered = 0;
  const one = () =>
    new Promise((resolve, reject) => {
      const sent = request(url, { agent });
      sent.on("response", (response) => response.resume().on("end", resolve));
      sent.on("error", reject);
      sent.end();
    });
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      while (performance.now() < endAt) {
        await one();
        answered++;
      }
    }),
  );
  agent.destroy();
  return answered / ((performance.now() - startedAt) / 1000);
}

const bare = createServer((_, response) => response.end("hello"));
await new Promise((resolve) => bare.listen(0, "127.0.0.1", resolve));
const bareUrl = `http://127.0.0.1:${bare.address().port}/`;
const devUrl = `${server.url.replace("localhost", "127.0.0.1")}/hello`;
await load(devUrl, 1);
await load(bareUrl, 1);
const rates = { dev: [], bare: [] };
for (let round = 0; round < 4; round++) {
  rates.dev.push(await load(devUrl, 2));
  rates.bare.push(await load(bareUrl, 2));
}
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
console.log(
  `HTTP: dev ${Math.round(mean(rates.dev))} a second, bare node:http ${Math.round(mean(rates.bare))}, ratio ${(mean(rates.dev) / mean(rates.bare)).toFixed(2)}`,
);
bare.close();
await server.stop();
project.dispose();
