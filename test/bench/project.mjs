// Reading a project and building its files for development, without a server: the first read and reads after a save,
// the first module and a module again after its save; interleaved with what a bare readdir, read and parse of the same
// files takes. Usage: node test/bench/project.mjs [--sizes 100,1000] [--rounds 30]
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "esbuild";
import { makeProject } from "./dev-project.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const { values } = parseArgs({
  options: { sizes: { type: "string", default: "100,1000" }, rounds: { type: "string", default: "30" } },
});
const rounds = Number(values.rounds);

// Beside the sources, so that packages resolve.
const scratch = mkdtempSync(join(root, "packages/cli/.bench-"));
try {
  await build({
    entryPoints: {
      read: join(root, "packages/cli/src/project/read-project.ts"),
      build: join(root, "packages/cli/src/build/dev-modules.ts"),
    },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    conditions: ["queue-run:source"],
    packages: "external",
    alias: Object.fromEntries(["names", "limits", "config", "errors", "http/route-path"].map(runtimeSource)),
    outdir: scratch,
    outExtension: { ".js": ".mjs" },
    logLevel: "error",
  });
  const { createProjectReader } = await import(pathToFileURL(join(scratch, "read.mjs")).href);
  const { createDevModules } = await import(pathToFileURL(join(scratch, "build.mjs")).href);
  const { parseSync } = await import("oxc-parser");
  await measure(20, true);
  for (const size of values.sizes.split(",").map(Number)) await measure(size, false);

  async function measure(size, isWarmUp) {
    const { folder, dispose } = makeProject(filesOf(size));
    const runtime = pathToFileURL(join(folder, "runtime.mjs")).href;
    const times = { floor: [], read: [], kept: [], reread: [], update: [], firstModule: [], again: [] };
    const time = async (name, work) => {
      const before = performance.now();
      const result = await work();
      times[name].push(performance.now() - before);
      return result;
    };
    try {
      for (let round = 0; round < Math.max(3, Math.ceil(rounds / 5)); round++) {
        rmSync(join(folder, ".queue-run/cache"), { recursive: true, force: true });
        const reading = await time("read", () => createProjectReader(folder, { stage: "dev" }).read());
        // What the next run finds is written after the reading is answered.
        if (size >= 50)
          while (!existsSync(join(folder, ".queue-run/cache/facts.json")))
            await new Promise((resolve) => setTimeout(resolve, 5));
        const reader = createProjectReader(folder, { stage: "dev" });
        await time("kept", () => reader.read());
        if ("problems" in reading) throw new Error(JSON.stringify(reading.problems.slice(0, 3)));
        const files = [...reading.manifest.queues, ...reading.manifest.routes].map(({ file }) => file);
        await time("floor", () => {
          for (const file of files) void parseSync(file, readFileSync(join(folder, file), "utf8")).program;
        });
        await time("reread", () => reader.read());
        await time("update", () => reader.update([files[0]]));
        const modules = createDevModules({
          root: folder,
          outDir: join(folder, ".queue-run/dev/modules"),
          runtimeUrls: { runtime, bind: runtime, jsxRuntime: runtime, jsxDevRuntime: runtime },
        });
        await time("firstModule", () => modules.prepare(files[0]));
        for (let save = 0; save < 5; save++) {
          writeFileSync(
            join(folder, files[0]),
            `${readFileSync(join(folder, files[0]), "utf8")}// ${save}\n`,
          );
          await time("again", async () => {
            modules.invalidate([files[0]]);
            return modules.prepare(files[0]);
          });
        }
      }
    } finally {
      dispose();
    }
    if (isWarmUp) return;
    const median = (name) => times[name].sort((a, b) => a - b)[Math.floor(times[name].length / 2)];
    console.log(`${size} files`);
    console.log(
      `  read all          ${median("read").toFixed(1)} ms (${(median("read") / median("floor")).toFixed(2)} × reading and parsing them bare, ${median("floor").toFixed(1)} ms)`,
    );
    console.log(
      `  read by next run  ${median("kept").toFixed(1)} ms (${(median("kept") / median("floor")).toFixed(2)} ×)`,
    );
    console.log(`  nothing changed   ${median("reread").toFixed(1)} ms`);
    console.log(`  one file changed  ${median("update").toFixed(1)} ms`);
    console.log(`  first module      ${median("firstModule").toFixed(1)} ms (with what it imports)`);
    console.log(`  module after save ${median("again").toFixed(1)} ms`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.exit();

function runtimeSource(name) {
  const file = name.includes("/") ? `${name}.ts` : `${name}/index.ts`;
  return [`@queue-run/runtime/${name}`, join(root, "packages/runtime/src", file)];
}

/** Half queues, half routes, each of some 15 lines, importing one of a tenth as many files. */
function filesOf(count) {
  const files = {
    "runtime.mjs": "export const queues = {}, url = {}, bindQueues = () => queues, bindUrl = () => url;\n",
  };
  const shared = Math.max(1, Math.floor(count / 10));
  for (let n = 0; n < shared; n++)
    files[`lib/shared${n}.ts`] =
      `export type Item = { amount: number };\nexport const name: string = "shared ${n}";\n`;
  for (let n = 0; n < count / 2; n++) {
    files[`queues/queue${n}.ts`] = `import { queues } from "queue-run";
import { type Item, name } from "#lib/shared${n % shared}.js";

/** Items of one kind. */
export const queue = queues.self<Item>();

export const config = { timeout: 60, retries: 5, backoff: "linear" } as const;

export default queue.handler(async (item, { jobId, signal }) => {
  const amounts = [1, 2, 3].map((factor) => factor * item.amount);
  for (const amount of amounts) {
    if (signal.aborted) return;
    if (amount > 10) console.log("%s: %d of %s", jobId, amount, name);
  }
});
`;
    files[`api/folder${n % 10}/route${n}/[id].ts`] = `import type { HttpRequest } from "queue-run";
import { queue } from "#queues/queue${n}.js";

export const config = { timeout: "5s", cors: true };

export async function get({ params, query }: HttpRequest<unknown, { id: string }>) {
  const amount = Number(query.amount ?? 1);
  const jobId = await queue.push({ amount });
  return { id: params.id, jobId, list: Array.from({ length: 5 }, (_, index) => index * amount) };
}

export const post = queue.http;
`;
  }
  return files;
}
