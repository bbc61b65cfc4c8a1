/**
 * The local SQS over HTTP against fauxqs and against a bare node:http server that echoes, all in one interleaved run:
 * machines are noisy, so only ratios within a run mean anything. All get the same bytes from one client process, on as
 * many connections. Ours keeps everything on disk, as in `dev`; fauxqs, as it comes, keeps it in memory only.
 *
 *   npm install --prefix test/bench
 *   node test/bench/broker-http.mjs [--waiting 100000,1000000] [--rounds 7] [--operations 3000]
 *     [--only Send] [--profile]
 *
 * --waiting measures again with that many messages waiting in the queue. --profile writes a CPU profile of our server
 * to test/bench/results. Aims: DESIGN.md, "What it is measured against".
 */
import { fork } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { callBytes, openConnection } from "./http-connection.mjs";

const { values: flags } = parseArgs({
  options: {
    waiting: { type: "string", default: "" },
    rounds: { type: "string", default: "7" },
    operations: { type: "string", default: "3000" },
    connections: { type: "string", default: "16" },
    only: { type: "string" },
    profile: { type: "boolean", default: false },
  },
});
const ROUNDS = Number(flags.rounds);
const OPERATIONS = Number(flags.operations);
const CONNECTIONS = Number(flags.connections);
const WAITING = flags.waiting === "" ? [] : flags.waiting.split(",").map(Number);
const BODY = JSON.stringify({ userId: 42, text: "x".repeat(160) });
const results = fileURLToPath(new URL("results/", import.meta.url));

const servers = {
  ours: await start(await bundleOurs(), flags.profile ? ["--cpu-prof", `--cpu-prof-dir=${results}`] : []),
  fauxqs: await start(fileURLToPath(new URL("servers/fauxqs.mjs", import.meta.url))),
  echo: await start(fileURLToPath(new URL("servers/echo.mjs", import.meta.url))),
};

const send = ({ port, QueueUrl }) => {
  const bytes = callBytes(port, "SendMessage", { QueueUrl, MessageBody: BODY });
  return (connection) => connection.send(bytes);
};
const sendBatch = ({ port, QueueUrl }) => {
  const Entries = Array.from({ length: 10 }, (_, index) => ({ Id: `e${index}`, MessageBody: BODY }));
  const bytes = callBytes(port, "SendMessageBatch", { QueueUrl, Entries });
  return (connection) => connection.send(bytes);
};
const receiveAndDelete = ({ port, QueueUrl }) => {
  const receive = callBytes(port, "ReceiveMessage", {
    QueueUrl,
    MaxNumberOfMessages: 1,
    VisibilityTimeout: 600,
  });
  return async (connection) => {
    const [message] = JSON.parse(await connection.send(receive)).Messages;
    await connection.send(
      callBytes(port, "DeleteMessage", { QueueUrl, ReceiptHandle: message.ReceiptHandle }),
    );
  };
};

try {
  await measure(0);
  for (const waiting of WAITING) await measure(waiting);
} finally {
  for (const { child } of Object.values(servers)) child.send("close");
}

/** Every operation on every server, in turns, with `waiting` messages in the queue beforehand. */
async function measure(waiting) {
  console.log(`\n${waiting.toLocaleString("en")} messages waiting`);
  for (const server of [servers.ours, servers.fauxqs]) await fill(server, waiting);
  const everyone = ["ours", "fauxqs", "echo"];
  await compare("Send", send, everyone);
  await compare("SendBatch of 10", sendBatch, everyone);
  await compare("Receive + Delete", receiveAndDelete, ["ours", "fauxqs"]);
}

async function compare(name, operationOf, names) {
  if (flags.only !== undefined && flags.only !== name) return;
  const samples = Object.fromEntries(names.map((server) => [server, []]));
  for (let round = -1; round < ROUNDS; round++) {
    for (const server of names) {
      const sample = await run(servers[server], operationOf(servers[server]));
      // The first round warms up.
      if (round >= 0) samples[server].push(sample);
    }
  }
  const rate = (server) => median(samples[server].map(({ perSecond }) => perSecond));
  const cpu = (server) => median(samples[server].map(({ cpuMicros }) => cpuMicros));
  for (const server of names) {
    console.log(
      `  ${name.padEnd(18)} ${server.padEnd(7)} ${rate(server).toFixed(0).padStart(7)}/s  ${cpu(server).toFixed(1).padStart(6)} µs CPU` +
        (server === "ours"
          ? `  rate ${(rate("ours") / rate("fauxqs")).toFixed(2)} × fauxqs${samples.echo ? `, CPU ${(cpu("ours") / cpu("echo")).toFixed(2)} × echo` : ""}`
          : ""),
    );
  }
}

/** Runs the operation on all connections until it was done OPERATIONS times. */
async function run(server, operation) {
  let left = OPERATIONS;
  const cpuBefore = await server.cpuMicros();
  const start = performance.now();
  await Promise.all(
    server.connections.map(async (connection) => {
      while (left-- > 0) await operation(connection);
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  const cpuMicros = (await server.cpuMicros()) - cpuBefore;
  return { perSecond: OPERATIONS / seconds, cpuMicros: cpuMicros / OPERATIONS };
}

/** Enough for the receives of a comparison, and `waiting` more. */
async function fill(server, waiting) {
  const operation = sendBatch(server);
  let left = Math.ceil((waiting + OPERATIONS * (ROUNDS + 1)) / 10);
  await Promise.all(
    server.connections.map(async (connection) => {
      while (left-- > 0) await operation(connection);
    }),
  );
}

async function start(script, execArgv = []) {
  const child = fork(script, { execArgv });
  const { port } = await message(child);
  const connections = Array.from({ length: CONNECTIONS }, () => openConnection(port));
  const created = await connections[0].send(callBytes(port, "CreateQueue", { QueueName: "bench" }));
  const cpuMicros = async () => {
    child.send("cpu");
    return (await message(child)).cpuMicros;
  };
  const { QueueUrl } = JSON.parse(created);
  return { child, port, QueueUrl, connections, cpuMicros };
}

async function bundleOurs() {
  const outfile = fileURLToPath(new URL("results/local-sqs.mjs", import.meta.url));
  await mkdir(results, { recursive: true });
  await rm(outfile, { force: true });
  await build({
    entryPoints: [fileURLToPath(new URL("servers/local-sqs.mjs", import.meta.url))],
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    conditions: ["queue-run:source"],
    external: ["classic-level"],
  });
  return outfile;
}

function message(child) {
  return new Promise((resolve, reject) => {
    const onExit = (code) => reject(new Error(`A server ended with code ${code}`));
    child.once("exit", onExit);
    child.once("message", (received) => {
      child.off("exit", onExit);
      resolve(received);
    });
  });
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
