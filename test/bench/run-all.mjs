/**
 * Runs every benchmark, one after another, and prints what each says: `npm run bench`, after `npm ci`. Takes about ten
 * minutes; figures mean something only on a machine that does nothing else. Names as arguments run only those.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const BENCHMARKS = [
  "dev-start",
  "dev-save",
  "dev-latency",
  "dev-throughput",
  "broker-http",
  "broker-growth",
  "cold-start",
  "batch",
  "http-lambda",
  "project",
  "deploy",
];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !BENCHMARKS.includes(name));
if (unknown.length > 0) {
  console.error(`No such benchmark: ${unknown.join(", ")}. There are: ${BENCHMARKS.join(", ")}.`);
  process.exit(2);
}

const npm = process.platform === "win32" ? "npm.cmd" : "npm";
if (!existsSync(`${folder}node_modules`))
  execFileSync(npm, ["install", "--prefix", folder, "--no-audit", "--no-fund"], { stdio: "inherit" });

const failed = [];
for (const name of asked.length > 0 ? asked : BENCHMARKS) {
  console.log(`\n── ${name}`);
  const { status } = spawnSync(process.execPath, [`${folder}${name}.mjs`], { stdio: "inherit" });
  if (status !== 0) failed.push(name);
}
if (failed.length > 0) console.error(`\nFailed: ${failed.join(", ")}`);
process.exitCode = failed.length > 0 ? 1 : 0;
