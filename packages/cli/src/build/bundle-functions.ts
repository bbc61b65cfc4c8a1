import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isAbsolute, join, relative, resolve } from "node:path";
import type { Manifest } from "../project/manifest.js";
import { findOpenTelemetry } from "../project/open-telemetry.js";
import { readIfThere } from "../project/output-folder.js";
import { bundleEntries, type FunctionEntry } from "./bundle-entries.js";
import { bundledFolder } from "./bundle-options.js";
import { describeBundle, type FunctionBundle, inputsOf } from "./function-bundle.js";
import {
  apiEntry,
  CONNECT_OPEN_TELEMETRY,
  queueEntry,
  scheduleEntry,
  socketEntry,
} from "./function-entries.js";
import { declareQueues } from "./known-queues.js";
import { moveSources } from "./source-map-paths.js";
import { sourceUsesOf } from "./source-uses.js";

/** What is remembered in the output folder, so that a removed function's code goes with the next build. */
type BuildRecord = { folders: string[] };

const RECORD = "build.json";

/**
 * Bundles each function of a project for Lambda: ESM, minified, with source maps, one folder each. The same files and
 * settings give the same bytes.
 *
 * @param outDir - absolute; folders of an earlier build are replaced, anything else in it is left alone
 * @throws ProjectProblemsError with every error that esbuild found
 */
export async function bundleFunctions(manifest: Manifest, outDir: string): Promise<FunctionBundle[]> {
  const { root, queues, schedules, routes, socket } = manifest;
  const path = (file: string) => resolve(root, file);
  const entries: FunctionEntry[] = [
    ...queues.map((queue) => ({
      id: `queue:${queue.name}`,
      kind: "queue" as const,
      folder: join(outDir, `queue-${queue.name.replaceAll(".", "-")}`),
      text: queueEntry(queue, manifest, path),
    })),
    ...schedules.map((schedule) => ({
      id: `schedule:${schedule.name}`,
      kind: "schedule" as const,
      folder: join(outDir, `schedule-${schedule.name}`),
      text: scheduleEntry(schedule, manifest, path),
    })),
  ];
  if (socket !== null)
    entries.push({
      id: "socket",
      kind: "socket",
      folder: join(outDir, "socket"),
      text: socketEntry(socket, manifest, path),
    });
  if (routes.length > 0)
    entries.unshift({ id: "api", kind: "api", folder: join(outDir, "api"), text: apiEntry(manifest, path) });
  if (findOpenTelemetry(root) !== null)
    for (const entry of entries) entry.text = CONNECT_OPEN_TELEMETRY + entry.text;

  const results = await bundleEntries(manifest, entries);
  clearOutput(outDir);
  mkdirSync(outDir, { recursive: true });
  const bundles: FunctionBundle[] = [];
  const usesOf = sourceUsesOf(queues, (file) => readIfThere(path(file)));
  for (const entry of entries) {
    const bundled = results.get(entry);
    if (!bundled) continue;
    const uses = usesOf(inputsOf(bundled.metafile));
    const result = declareQueues(bundled, entry.id, uses, manifest);
    mkdirSync(entry.folder, { recursive: true });
    const folder = bundledFolder(root);
    for (const { path: file, contents } of result.outputFiles) {
      const isMap = file.endsWith(".map");
      writeFileSync(
        join(entry.folder, relative(folder, file)),
        isMap ? moveSources(contents, folder, entry.folder) : contents,
      );
    }
    bundles.push(describeBundle(entry, result, uses, manifest));
  }
  const record: BuildRecord = { folders: entries.map(({ folder }) => relative(outDir, folder)) };
  writeFileSync(join(outDir, RECORD), `${JSON.stringify(record, null, 2)}\n`);
  return bundles;
}

function clearOutput(outDir: string): void {
  let record: BuildRecord;
  try {
    record = JSON.parse(readFileSync(join(outDir, RECORD), "utf8"));
  } catch {
    return;
  }
  for (const folder of record.folders) {
    const isInside = !isAbsolute(folder) && !folder.split(/[\\/]/).includes("..") && folder !== "";
    if (isInside) rmSync(join(outDir, folder), { recursive: true, force: true });
  }
}
