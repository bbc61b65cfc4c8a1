/** Projects for the benchmarks of `queue-run dev`, and the server started on them. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const queueRun =
  process.env.QUEUE_RUN_PACKAGE ?? fileURLToPath(new URL("../../packages/queue-run", import.meta.url));

/** Writes a project into a temporary folder; `files` by path. */
export function makeProject(files) {
  const folder = mkdtempSync(join(tmpdir(), "queue-run-bench-"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(queueRun, join(folder, "node_modules/queue-run"), "junction");
  const all = { "package.json": JSON.stringify({ name: "bench", private: true, type: "module" }), ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return { folder, dispose: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Half routes, half queues, each importing one of a tenth as many shared files. */
export function manyFiles(count) {
  const files = {};
  const shared = Math.max(1, Math.floor(count / 10));
  for (let n = 0; n < shared; n++)
    files[`lib/shared${n}.ts`] = `export const shared: string = "shared ${n}";\n`;
  for (let n = 0; n < count / 2; n++) {
    files[`api/route${n}.ts`] =
      `import { shared } from "#lib/shared${n % shared}.js";\nexport function get(): string {\n  return shared;\n}\n`;
    files[`queues/queue${n}.ts`] =
      `import { queues } from "queue-run";\nimport { shared } from "#lib/shared${n % shared}.js";\n` +
      "export const queue = queues.self<{ n: number }>();\n" +
      "export default async function (payload: { n: number }): Promise<void> {\n  console.log(shared, payload.n);\n}\n";
  }
  return files;
}

/** Starts the dev server; resolves when it says that it is ready. */
export function startDev(folder, args = []) {
  const startedAt = performance.now();
  const bin = join(queueRun, "bin/queue-run.js");
  const child = spawn(process.execPath, [bin, "dev", "--port", "0", "--sqs-port", "0", ...args], {
    cwd: folder,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  return new Promise((resolve, reject) => {
    child.on("exit", (code) => reject(new Error(`The server ended with ${code}:\n${said}`)));
    child.stdout.setEncoding("utf8").on("data", (text) => {
      if (said === null) return;
      said += text;
      const url = /listening on (http:\S+)/.exec(said)?.[1];
      if (!url) return;
      said = null;
      const stop = () =>
        new Promise((stopped) => {
          child.on("exit", stopped);
          child.kill("SIGTERM");
        });
      resolve({ url, readyMs: performance.now() - startedAt, stop });
    });
  });
}

/** Waits until `probe` returns something truthy; asks again every `everyMs`. */
export async function until(probe, everyMs = 0, deadlineMs = 20_000) {
  const startedAt = performance.now();
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (performance.now() - startedAt > deadlineMs) throw new Error(`Not within ${deadlineMs} ms`);
    await new Promise((resolve) => (everyMs > 0 ? setTimeout(resolve, everyMs) : setImmediate(resolve)));
  }
}

/** The share-th value of a list: 0.5 for the median. */
export function percentile(values, share) {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

export const ms = (value) => `${value.toFixed(2)} ms`;
