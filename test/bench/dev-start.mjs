/**
 * From the command to ready, and to the first 200, at 10, 100 and 1,000 files, against the floor: a process that serves
 * one answer with bare node:http. `node test/bench/dev-start.mjs [runs]`
 */
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { makeProject, manyFiles, ms, percentile, startDev } from "./dev-project.mjs";

const runs = Number(process.argv[2] ?? 5);
/** From the command to the first 200 of the least server there is. */
async function floor() {
  const code =
    'require("node:http").createServer((q, s) => s.end("ok")).listen(0, "127.0.0.1", function () { console.log(this.address().port); });';
  const startedAt = performance.now();
  const child = spawn(process.execPath, ["-e", code], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise((resolve) => child.stdout.once("data", (text) => resolve(Number(text))));
  await fetch(`http://127.0.0.1:${port}/`);
  const took = performance.now() - startedAt;
  child.kill();
  return took;
}

for (const count of [10, 100, 1_000]) {
  const project = makeProject(manyFiles(count));
  const ready = [];
  const first = [];
  const floors = [];
  for (let run = 0; run < runs; run++) {
    rmSync(`${project.folder}/.queue-run`, { recursive: true, force: true });
    const startedAt = performance.now();
    const server = await startDev(project.folder);
    ready.push(server.readyMs);
    const { status } = await fetch(`${server.url}/route0`);
    if (status !== 200) throw new Error(`Answered ${status}`);
    first.push(performance.now() - startedAt);
    await server.stop();
    floors.push(await floor());
  }
  const [readyMs, firstMs, floorMs] = [ready, first, floors].map((values) => percentile(values, 0.5));
  console.log(
    `${count} files: ready ${ms(readyMs)}, first 200 ${ms(firstMs)}; bare node:http ${ms(floorMs)}, ratio ${(firstMs / floorMs).toFixed(1)}`,
  );
  project.dispose();
}
