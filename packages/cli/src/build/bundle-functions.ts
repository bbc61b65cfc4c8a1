import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isAbsolute, join, relative, resolve, sep } from "node:path";
import { gzipSync } from "node:zlib";
import { type BuildFailure, type BuildOptions, build, type Message, type Metafile } from "esbuild";
import { ProjectProblemsError } from "../errors/project-errors.js";
import type { Manifest, Problem } from "../project/manifest.js";
import { findOpenTelemetry } from "../project/open-telemetry.js";
import { type BundleResult, bundledFolder, bundleOptions, withoutUnusedGlobals } from "./bundle-options.js";
import {
  apiEntry,
  CONNECT_OPEN_TELEMETRY,
  queueEntry,
  scheduleEntry,
  socketEntry,
} from "./function-entries.js";
import { createImportResolver, type ImportKind, type ImportResolver } from "./import-resolver.js";
import {
  bundleLazyParts,
  type FunctionKind,
  type LazyParts,
  lazyPartsPlugin,
  loadsLater,
  shareModules,
  withParts,
} from "./lazy-parts.js";
import { createNativePackages, type NativePackages, packageNameOf } from "./native-packages.js";
import { projectPlugin } from "./project-plugin.js";
import { moveSources } from "./source-map-paths.js";
import { withoutUnreachable } from "./unreachable-outputs.js";

/** One Lambda function's code, as it was written. */
export type FunctionBundle = {
  /** "api", "queue:emails", "schedule:daily", "socket". */
  id: string;
  /** Absolute path of the module that exports `handler`; everything it needs is in its folder. */
  file: string;
  /** Everything that was written for it, source maps and assets too: names in the folder of `file`, sorted. */
  files: string[];
  /** Of all its JavaScript, source maps left out. */
  bytes: number;
  gzipBytes: number;
  /** The files that it was made from: relative to the root, sorted. */
  inputs: string[];
  /** What it imports and does not hold: `external` packages, and those with native parts. */
  externals: ExternalImport[];
  /** The API's routes: what a first request for each loads, beyond the entry point. */
  routes: { file: string; bytes: number }[];
};

/** An import that a bundle leaves to Node. */
export type ExternalImport = {
  /** "sharp", "sharp/sub" */
  specifier: string;
  /** Absolute path of the file that it stands in. */
  importer: string;
  kind: ImportKind;
};

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
  for (const entry of entries) {
    const result = results.get(entry);
    if (!result) continue;
    mkdirSync(entry.folder, { recursive: true });
    const bundled = bundledFolder(root);
    for (const { path: file, contents } of result.outputFiles) {
      const isMap = file.endsWith(".map");
      writeFileSync(
        join(entry.folder, relative(bundled, file)),
        isMap ? moveSources(contents, bundled, entry.folder) : contents,
      );
    }
    bundles.push(describe(entry, result, manifest));
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

function describe(
  { id, folder }: FunctionEntry,
  { metafile, outputFiles }: BundleResult,
  { root, routes }: Manifest,
): FunctionBundle {
  const code = outputFiles.filter(({ path }) => !path.endsWith(".map"));
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([input, { bytesInOutput }]) => (bytesInOutput > 0 ? [input] : [])),
  );
  // Nothing may be left of a file that only hands on what queue-run exports; whoever reads the inputs has to know it.
  const handingOn = Object.entries(metafile.inputs).flatMap(([input, { imports }]) =>
    imports.some(({ original }) => original === "queue-run") ? [input] : [],
  );
  const inputs = [...new Set([...used, ...handingOn])].filter((input) => !/^queue-run-[a-z]+:/.test(input));
  return {
    id,
    file: join(folder, "index.mjs"),
    files: outputFiles.map(({ path }) => relative(bundledFolder(root), path).replaceAll(sep, "/")).sort(),
    bytes: code.reduce((sum, { contents }) => sum + contents.length, 0),
    gzipBytes: code.reduce((sum, { contents }) => sum + gzipSync(contents).length, 0),
    inputs: inputs.sort(),
    externals: externalsOf(metafile, inputs, root),
    routes: id === "api" ? routeSizes(metafile, routes) : [],
  };
}

/** Imports of packages that the outputs still have, as the files have them that they were made from. */
function externalsOf({ inputs, outputs }: Metafile, used: string[], root: string): ExternalImport[] {
  const kept = new Set(
    Object.values(outputs).flatMap(({ imports }) =>
      imports.flatMap(({ path, external }) => (external ? [path] : [])),
    ),
  );
  return used.flatMap((input) =>
    (inputs[input]?.imports ?? [])
      .filter(({ path, external }) => external && kept.has(path) && packageNameOf(path) !== null)
      .map(({ path, kind }) => ({
        specifier: path,
        importer: resolve(root, input),
        kind: kind === "require-call" || kind === "require-resolve" ? "require" : "import",
      })),
  );
}

/** For each route: its chunk and what that imports, less what the entry point has loaded. */
function routeSizes({ outputs }: Metafile, routes: Manifest["routes"]): { file: string; bytes: number }[] {
  const chunks = new Map<string, string>();
  for (const [output, { entryPoint }] of Object.entries(outputs)) {
    if (entryPoint) chunks.set(entryPoint.replace(/^queue-run-(?:handler|entry):/, ""), output);
  }
  const loaded = new Set(closure(chunks.get("api") ?? ""));
  return routes.map(({ file }) => {
    const parts = closure(chunks.get(file) ?? "").filter((part) => !loaded.has(part));
    return { file, bytes: parts.reduce((sum, part) => sum + (outputs[part]?.bytes ?? 0), 0) };
  });

  function closure(output: string): string[] {
    const found = new Set<string>();
    const visit = (part: string) => {
      if (found.has(part)) return;
      found.add(part);
      for (const { path, kind } of outputs[part]?.imports ?? [])
        if (kind === "import-statement" && outputs[path]) visit(path);
    };
    visit(output);
    return [...found];
  }
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
