/** From the command to ready, and to the first 200, at 10, 100 and 1,000 files. `node test/bench/dev-start.mjs [runs]` */
import { rmSync } from "node:fs";
import { makeProject, manyFiles, ms, percentile, startDev } from "./dev-project.mjs";

const runs = Number(process.argv[2] ?? 5);
for (const count of [10, 100, 1_000]) {
  const project = makeProject(manyFiles(count));
  const ready = [];
  const first = [];
  for (let run = 0; run < runs; run++) {
    rmSync(`${project.folder}/.queue-run`, { recursive: true, force: true });
    const startedAt = performance.now();
    const server = await startDev(project.folder);
    ready.push(server.readyMs);
    const { status } = await fetch(`${server.url}/route0`);
    if (status !== 200) throw new Error(`Answered ${status}`);
    first.push(performance.now() - startedAt);
    await server.stop();
  }
  console.log(`${count} files: ready ${ms(percentile(ready, 0.5))}, first 200 ${ms(percentile(first, 0.5))}`);
  project.dispose();
}
