/**
 * From a save to the new behaviour, at 10, 100 and 1,000 files, each save beside one of the least server there is: a
 * waiting worker that imports the one file as it is. `node test/bench/dev-save.mjs [saves]`
 */
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { makeProject, manyFiles, ms, percentile, startDev, until } from "./dev-project.mjs";

const saves = Number(process.argv[2] ?? 40);
const PAUSE_MS = 300;
const LEAST = fileURLToPath(new URL("servers/least-reload.mjs", import.meta.url));

/** Starts the least server on a file. */
async function startLeast(file) {
  const child = spawn(process.execPath, [LEAST, file], { stdio: ["ignore", "pipe", "inherit"] });
  const said = await new Promise((resolve) => child.stdout.once("data", (text) => resolve(String(text))));
  return { url: said.replace("listening on ", "").trim(), stop: () => child.kill() };
}

/** How long it takes until what was saved is answered, in milliseconds. */
async function timeSave(file, source, url, version) {
  writeFileSync(file, source(version));
  const savedAt = performance.now();
  await until(async () => (await (await fetch(url)).text()) === `version ${version}`);
  const took = performance.now() - savedAt;
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  return took;
}

const typed = (version) => `export const get = (): string => "version ${version}";\n`;
const untyped = (version) => `export const get = () => "version ${version}";\n`;
for (const count of [10, 100, 1_000]) {
  const project = makeProject({
    ...manyFiles(count),
    "api/saved.ts": typed(0),
    "least/saved.mjs": untyped(0),
  });
  const server = await startDev(project.folder);
  const saved = join(project.folder, "api/saved.ts");
  const leastSaved = join(project.folder, "least/saved.mjs");
  const least = await startLeast(leastSaved);
  await (await fetch(`${server.url}/saved`)).text();
  // The spare workers are ready a moment after the servers.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const times = [];
  const leastTimes = [];
  for (let version = 1; version <= saves; version++) {
    times.push(await timeSave(saved, typed, `${server.url}/saved`, version));
    leastTimes.push(await timeSave(leastSaved, untyped, least.url, version));
  }
  const [ours, floor] = [times, leastTimes].map(
    (values) => `p50 ${ms(percentile(values, 0.5))}, p90 ${ms(percentile(values, 0.9))}`,
  );
  console.log(`${count} files: save to new behaviour ${ours}; the least server: ${floor}`);
  least.stop();
  await server.stop();
  project.dispose();
}
