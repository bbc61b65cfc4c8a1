// Deploying 50 functions (45 queues, 4 schedules, the API) with the real command line, onto moto behind a proxy that
// takes 100 ms for a call, holds Lambda to 15 calls a second and lets a new role be assumed after 10 s: from nothing,
// with nothing changed, and with one file changed. Needs `npm run build` and moto_server (pip install 'moto[server]').
// Usage: node test/bench/deploy.mjs [--queues 45] [--latency 100]
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { makeProject } from "./dev-project.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const bin = process.env.QUEUE_RUN_PACKAGE
  ? join(process.env.QUEUE_RUN_PACKAGE, "bin/queue-run.js")
  : join(root, "packages/queue-run/bin/queue-run.js");
const { values } = parseArgs({
  options: { queues: { type: "string", default: "45" }, latency: { type: "string", default: "100" } },
});

if (spawnSync("moto_server", ["--help"], { stdio: "ignore" }).status !== 0) {
  console.log("Left out: moto_server is not installed (pip install 'moto[server]').");
  process.exit();
}

// Beside the sources, so that packages resolve.
const scratch = mkdtempSync(join(root, "packages/cli/.bench-"));
try {
  await build({
    entryPoints: { proxy: join(root, "test/harness/moto-proxy.ts") },
    bundle: true,
    format: "esm",
    platform: "node",
    conditions: ["queue-run:source"],
    packages: "external",
    outdir: scratch,
    outExtension: { ".js": ".mjs" },
    logLevel: "error",
  });
  const { SLOW_AWS, startAws } = await import(pathToFileURL(join(scratch, "proxy.mjs")).href);
  const aws = await startAws({
    latencyMs: Number(values.latency),
    consistency: { ...SLOW_AWS, roleMs: 10_000 },
    rateLimits: [{ service: "lambda", perSecond: 15 }],
  });
  const files = filesOf(Number(values.queues));
  const project = makeProject(files);
  try {
    await measure("from nothing");
    await measure("nothing changed");
    writeFileSync(
      join(project.folder, "queues/queue0.ts"),
      files["queues/queue0.ts"].replace("shared", "changed"),
    );
    await measure("one queue's code changed");
    writeFileSync(join(project.folder, "queues/another.ts"), files["queues/queue0.ts"]);
    await measure("one queue more");
    await measure("nothing changed, --refresh", ["--refresh"]);
  } finally {
    project.dispose();
    await aws.stop();
  }

  async function measure(what, flags = []) {
    aws.forget();
    const startedAt = performance.now();
    const printed = await run(["deploy", "--yes", "--json", ...flags], project.folder, aws.env);
    const seconds = (performance.now() - startedAt) / 1_000;
    const { result } = JSON.parse(printed);
    const calls = aws.calls();
    const spanMs = calls.length > 0 ? calls.at(-1).at - calls[0].at : 0;
    console.log(
      `${what} (${result}): ${seconds.toFixed(1)} s, ${calls.length} calls within ${(spanMs / 1_000).toFixed(1)} s`,
    );
    for (const [service, own] of Object.entries(grouped(calls))) {
      const span = (own.at(-1).at - own[0].at) / 1_000;
      const from = (own[0].at - calls[0].at) / 1_000;
      console.log(
        `  ${service.padEnd(12)} ${String(own.length).padStart(4)} calls, from ${from.toFixed(1)} s for ${span.toFixed(1)} s`,
      );
    }
    return { seconds, calls };
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exit();

function grouped(calls) {
  const groups = {};
  for (const call of calls) {
    groups[call.service] ??= [];
    groups[call.service].push(call);
  }
  return groups;
}

function run(args, cwd, env) {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    printed += text;
  });
  return new Promise((resolve, reject) => {
    child.once("close", (code) =>
      code === 0 ? resolve(printed) : reject(new Error(`The command ended with ${code}:\n${printed}`)),
    );
  });
}

/** Queues that push to the next one, four schedules, and routes that push to some of the queues. */
function filesOf(queues) {
  const files = { "lib/shared.ts": 'export const shared: string = "shared";\n' };
  for (let n = 0; n < queues; n++) {
    files[`queues/queue${n}.ts`] =
      'import { queues } from "queue-run";\nimport { shared } from "#lib/shared.js";\n' +
      "export const queue = queues.self<{ n: number }>();\n" +
      `export default async function ({ n }: { n: number }): Promise<void> {\n  console.log("shared", shared, n);\n  if (n > 0) await queues("queue${(n + 1) % queues}").push({ n: n - 1 });\n}\n`;
  }
  for (const [name, schedule] of Object.entries({
    hourly: "hourly",
    daily: "daily",
    weekly: "0 9 * * 1",
    often: "every 15 minutes",
  }))
    files[`schedules/${name}.ts`] =
      `export const schedule = "${schedule}";\nexport default async function () {\n  console.log("${name}");\n}\n`;
  files["api/index.ts"] =
    'import { queue } from "#queues/queue0.js";\nexport const get = () => "home";\nexport const post = queue.http;\n';
  return files;
}
