import { resolve } from "node:path";
import { displayRoutePath } from "@queue-run/runtime/http/route-path";
import type { Command } from "commander";
import { writeBuiltProject } from "../build/built-project.js";
import { bundleFunctions } from "../build/bundle-functions.js";
import { type SizedBundle, withCompressedSizes } from "../build/compressed-size.js";
import { writeTypes } from "../build/type-declarations.js";
import { formatProblem, ProjectProblemsError } from "../errors/project-errors.js";
import type { Manifest, QueueDefinition } from "../project/manifest.js";
import { prepareOutputFolder } from "../project/output-folder.js";
import { readProject } from "../project/read-project.js";
import type { RunTimes } from "../schedules/run-times.js";
import { columns, methodsOf, scheduleText } from "../terminal/served-table.js";
import type { CommandIo, GlobalOptions } from "./command.js";

const DEFAULT_OUTPUT = ".queue-run/build";

/** `queue-run build`: bundles every function, and prints routes, queues, schedules and sizes. */
export function configure(command: Command, io: CommandIo): void {
  command
    .option("-o, --output <dir>", "where the bundles go", DEFAULT_OUTPUT)
    .option("--stage <stage>", "the stage that queue-run.config.ts is asked for", "prod")
    .option("--json", "print what was built as JSON")
    .action(async () => {
      const options = command.optsWithGlobals<
        GlobalOptions & { output: string; stage: string; json?: boolean }
      >();
      const reading = await readProject(options.cwd, { stage: options.stage });
      if ("problems" in reading) throw new ProjectProblemsError(reading.problems);
      const { manifest, warnings } = reading;
      prepareOutputFolder(options.cwd);
      const outDir = resolve(options.cwd, options.output);
      const bundles = await bundleFunctions(manifest, outDir);
      writeBuiltProject(manifest, options.stage, bundles, outDir);
      writeTypes(manifest);
      for (const warning of warnings) io.stderr.write(`${formatProblem(warning)}\n`);
      const runs = await runTimesOf(manifest);
      const sized = withCompressedSizes(bundles);
      const text = options.json
        ? toJson(manifest, sized, runs)
        : toText(manifest, sized, runs, options.output);
      io.stdout.write(`${text}\n`);
    });
}

/** How many runs of each schedule are shown. */
const SHOWN_RUNS = 3;

/** By the schedule's name. Only a project that has schedules loads what reckons with time. */
async function runTimesOf({ schedules }: Manifest): Promise<ReadonlyMap<string, RunTimes>> {
  if (schedules.length === 0) return new Map();
  const { runTimes } = await import("../schedules/run-times.js");
  const nowMs = Date.now();
  return new Map(
    schedules.map((schedule) => [schedule.name, runTimes(schedule, { nowMs, count: SHOWN_RUNS })]),
  );
}

function toJson(
  manifest: Manifest,
  bundles: readonly SizedBundle[],
  runs: ReadonlyMap<string, RunTimes>,
): string {
  const { name, queues, routes, socket } = manifest;
  const schedules = manifest.schedules.map((schedule) => ({
    ...schedule,
    nextRuns: runs.get(schedule.name)?.nextRunsMs.map((atMs) => new Date(atMs).toISOString()) ?? [],
  }));
  return JSON.stringify({ name, functions: bundles, routes, queues, schedules, socket }, null, 2);
}

function toText(
  manifest: Manifest,
  bundles: readonly SizedBundle[],
  runs: ReadonlyMap<string, RunTimes>,
  output: string,
): string {
  const byId = new Map(bundles.map((bundle) => [bundle.id, bundle]));
  const api = bundles.find(({ id }) => id === "api");
  const parts: string[] = [];
  if (api) {
    const bytes = new Map(api.routes.map((route) => [route.file, route.bytes]));
    const rows = manifest.routes.map((route) => [
      methodsOf(route),
      displayRoutePath(route.path),
      route.file,
      formatBytes(bytes.get(route.file) ?? 0),
    ]);
    parts.push(["Routes", ...columns(rows)].join("\n"));
  }
  if (manifest.queues.length > 0) {
    const rows = manifest.queues.map((queue) => {
      const bundle = byId.get(`queue:${queue.name}`);
      return [queue.name, jobsOf(queue), queue.file, bundle ? sizeOf(bundle) : ""];
    });
    parts.push(["Queues", ...columns(rows)].join("\n"));
  }
  if (manifest.schedules.length > 0) {
    const rows = manifest.schedules.map((schedule) => {
      const { name, file } = schedule;
      const bundle = byId.get(`schedule:${name}`);
      const next = runs.get(name)?.nextText ?? "";
      return [name, scheduleText(schedule), next, file, bundle ? sizeOf(bundle) : ""];
    });
    parts.push(["Schedules", ...columns(rows)].join("\n"));
  }
  const socket = byId.get("socket");
  if (manifest.socket !== null)
    parts.push(["Socket", ...columns([[manifest.socket.file, socket ? sizeOf(socket) : ""]])].join("\n"));
  const apiSize = api
    ? ` The API is ${sizeOf(api)}; each route loads what its line says when it is first asked for.`
    : "";
  parts.push(
    `Built ${bundles.length} ${bundles.length === 1 ? "function" : "functions"} into ${output}.${apiSize}`,
  );
  return parts.join("\n\n");
}

function jobsOf({ jobs, batch }: QueueDefinition): string {
  return jobs.map((job) => (job === "default" && batch ? "batch" : job)).join(" ");
}

function sizeOf({ bytes, gzipBytes }: SizedBundle): string {
  return `${formatBytes(bytes)} (${formatBytes(gzipBytes)} gzip)`;
}

function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 ** 2) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
