import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { type BuildFailure, type BuildOptions, build, type Message } from "esbuild";
import { ProjectProblemsError } from "../errors/project-errors.js";
import type { Manifest, Problem } from "../project/manifest.js";
import { findOpenTelemetry } from "../project/open-telemetry.js";
import { readIfThere } from "../project/output-folder.js";
import { type BundleResult, bundledFolder, bundleOptions, withoutUnusedGlobals } from "./bundle-options.js";
import { describeBundle, type FunctionBundle, inputsOf } from "./function-bundle.js";
import {
  apiEntry,
  CONNECT_OPEN_TELEMETRY,
  queueEntry,
  scheduleEntry,
  socketEntry,
} from "./function-entries.js";
import { createImportResolver, type ImportResolver } from "./import-resolver.js";
import { declareQueues } from "./known-queues.js";
import {
  bundleLazyParts,
  type FunctionKind,
  type LazyParts,
  lazyPartsPlugin,
  loadsLater,
  shareModules,
  withParts,
} from "./lazy-parts.js";
import { createNativePackages, type NativePackages } from "./native-packages.js";
import { projectPlugin } from "./project-plugin.js";
import { moveSources } from "./source-map-paths.js";
import { sourceUsesOf } from "./source-uses.js";
import { withoutUnreachable } from "./unreachable-outputs.js";

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

  const shared = {
    resolver: createImportResolver(root, manifest.settings.external),
    nativePackages: createNativePackages(),
    partsOf: partsByKind(manifest),
  };
  const waiting = [...entries];
  const results = new Map<FunctionEntry, BundleResult>();
  const problems: Problem[] = [];
  const work = async () => {
    for (let entry = waiting.shift(); entry; entry = waiting.shift()) {
      try {
        results.set(entry, await bundle(manifest, entry, shared));
      } catch (error) {
        problems.push(...toProblems(error, root));
      }
    }
  };
  await Promise.all(Array.from({ length: BUILDS_AT_ONCE }, work));
  if (problems.length > 0) throw new ProjectProblemsError(distinct(problems));

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

type FunctionEntry = { id: string; kind: FunctionKind | "api"; folder: string; text: string };

/** esbuild uses every core for one build already; a few at once fill the gaps between its phases. */
const BUILDS_AT_ONCE = 4;

type SharedByBundles = {
  resolver: ImportResolver;
  nativePackages: NativePackages;
  partsOf: (kind: FunctionKind) => Promise<LazyParts>;
};

/** @returns what gives the parts that functions of a kind load later: bundled once, when they are first asked for */
function partsByKind(manifest: Manifest): (kind: FunctionKind) => Promise<LazyParts> {
  const made = new Map<FunctionKind, Promise<LazyParts>>();
  return (kind) => {
    const parts = made.get(kind) ?? bundleLazyParts(bundleOptions(manifest), kind);
    made.set(kind, parts);
    return parts;
  };
}

/**
 * The API's routes are files of their own, loaded when they are asked for. Any other function is one file, and one for each
 * part of the runtime that it may need later, unless its own code is split as well.
 */
async function bundle(
  manifest: Manifest,
  { id, kind, text }: FunctionEntry,
  { resolver, nativePackages, partsOf }: SharedByBundles,
): Promise<BundleResult> {
  const { root } = manifest;
  const options = {
    ...bundleOptions(manifest),
    entryPoints: [{ in: `queue-run-entry:${id}`, out: "index" }],
  };
  const make = async (rest: Pick<BuildOptions, "splitting" | "plugins">): Promise<BundleResult> =>
    withoutUnusedGlobals(withoutUnreachable(await build({ ...options, ...rest }), root));
  const plugin = (entry: string) =>
    projectPlugin({ root, resolver, nativePackages, entries: new Map([[id, entry]]) });
  if (kind === "api") return make({ splitting: true, plugins: [plugin(text)] });
  const parts = await partsOf(kind);
  const plugins = [lazyPartsPlugin(parts), plugin(shareModules(parts) + text)];
  const whole = await make({ splitting: false, plugins });
  const result = loadsLater(whole, root) ? await make({ splitting: true, plugins }) : whole;
  return withParts(result, parts, root);
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

function toProblems(reason: unknown, root: string): Problem[] {
  const errors = (reason as BuildFailure | undefined)?.errors;
  if (!Array.isArray(errors)) throw reason;
  return errors.map((error: Message) => ({
    code: "QR_BUILD_FAILED",
    file: error.location ? relative(root, resolve(root, error.location.file)).replaceAll(sep, "/") : ".",
    line: error.location?.line ?? null,
    column: error.location ? error.location.column + 1 : null,
    message: `${error.text}.`,
    fix: fixFor(error),
    ...(error.location ? { frame: error.location.lineText } : {}),
  }));
}

function fixFor({ text, notes }: Message): string {
  if (/^Could not resolve/.test(text))
    return "Install the package, mend the import, or add the package to external in queue-run.config.ts.";
  if (/^No loader is configured/.test(text))
    return "Read the file at run time, or import it from a package that is in external in queue-run.config.ts.";
  return notes[0]?.text ?? "Mend the file.";
}

function distinct(problems: Problem[]): Problem[] {
  const byPlace = new Map(
    problems.map((problem) => [
      `${problem.file}:${problem.line}:${problem.column}:${problem.message}`,
      problem,
    ]),
  );
  return [...byPlace.values()];
}
