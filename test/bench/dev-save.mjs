/** From a save to the new behaviour, at 10 and 1,000 files. `node test/bench/dev-save.mjs [saves]` */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeProject, manyFiles, ms, percentile, startDev, until } from "./dev-project.mjs";

const saves = Number(process.argv[2] ?? 40);
const PAUSE_MS = 300;
for (const count of [10, 100, 1_000]) {
  const source = (version) => `export const get = (): string => "version ${version}";\n`;
  const project = makeProject({ ...manyFiles(count), "api/saved.ts": source(0) });
  const server = await startDev(project.folder);
  const answer = async () => (await fetch(`${server.url}/saved`)).text();
  await answer();
  // The watcher is ready a moment after the server.
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const times = [];
  for (let version = 1; version <= saves; version++) {
    writeFileSync(join(project.folder, "api/saved.ts"), source(version));
    const savedAt = performance.now();
    await until(async () => (await answer()) === `version ${version}`);
    times.push(performance.now() - savedAt);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  console.log(
    `${count} files: save to new behaviour p50 ${ms(percentile(times, 0.5))}, p90 ${ms(percentile(times, 0.9))}`,
  );
  await server.stop();
  project.dispose();
}
