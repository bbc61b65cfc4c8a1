/**
 * Jobs pushed and run by BullMQ on a Redis of its own, which this starts on a free port and stops. Needs Debian's
 * redis-server (or Redis of any kind on the PATH) and `npm install --prefix test/bench`.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CONCURRENCY = 50;
const BULK = 500;

/**
 * @returns a function that pushes and runs so many jobs and returns jobs a second, and one that stops Redis; null
 *   where Redis or BullMQ is not installed
 */
export async function startBullmq() {
  const bullmq = await import("bullmq").catch(() => null);
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), "queue-run-bench-redis-"));
  const redis = spawn("redis-server", [
    "--port",
    String(port),
    "--dir",
    folder,
    "--save",
    "",
    "--bind",
    "127.0.0.1",
  ]);
  const started = await new Promise((resolve) => {
    redis.on("error", () => resolve(false));
    redis.stdout.on("data", (text) => String(text).includes("Ready to accept") && resolve(true));
  });
  const stop = () => {
    redis.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  if (!bullmq || !started) {
    stop();
    return null;
  }
  const connection = { host: "127.0.0.1", port };

  async function jobsPerSecond(count) {
    const queue = new bullmq.Queue("bench", { connection });
    let ran = 0;
    let finish;
    const finished = new Promise((resolve) => {
      finish = resolve;
    });
    const worker = new bullmq.Worker("bench", async () => ++ran === count && finish(), {
      connection,
      concurrency: CONCURRENCY,
      removeOnComplete: { count: 0 },
    });
    await worker.waitUntilReady();
    const startedAt = performance.now();
    for (let n = 0; n < count; n += BULK)
      await queue.addBulk(
        Array.from({ length: Math.min(BULK, count - n) }, (_, i) => ({ name: "job", data: { n: n + i } })),
      );
    await finished;
    const seconds = (performance.now() - startedAt) / 1000;
    await worker.close();
    await queue.close();
    return count / seconds;
  }
  return { jobsPerSecond, stop };
}

async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
