import { relative, resolve, sep } from "node:path";
import { type BuildFailure, type BuildOptions, build, type Message } from "esbuild";
import { ProjectProblemsError } from "../errors/project-errors.js";
import type { Manifest, Problem } from "../project/manifest.js";
import { type BundleResult, bundleOptions, withoutUnusedGlobals } from "./bundle-options.js";
import { createImportResolver } from "./import-resolver.js";
import {
  bundleLazyParts,
  type FunctionKind,
  lazyPartsPlugin,
  loadsLater,
  shareModules,
  withParts,
} from "./lazy-parts.js";
import { createNativePackages } from "./native-packages.js";
import { outputsOfEntry } from "./outputs-of-entry.js";
import { projectPlugin } from "./project-plugin.js";
import { withoutRuntimeMappings } from "./runtime-mappings.js";
import { withoutUnreachable } from "./unreachable-outputs.js";

/** A function that is to be bundled. */
export type FunctionEntry = {
  /** "api", "queue:emails" */
  id: string;
  kind: FunctionKind | "api";
  /** Absolute path of where it will be written. */
  folder: string;
  /** Of its entry point. */
  text: string;
};

/**
 * Bundles functions with esbuild. The API's routes are files of their own, loaded when they are asked for. Any other
 * function is one file, and one for each part of the runtime that it may need later, unless its own code is split as well.
 *
 * @throws ProjectProblemsError with every error that esbuild found
 */
export async function bundleEntries(
  manifest: Manifest,
  entries: readonly FunctionEntry[],
): Promise<Map<FunctionEntry, BundleResult>> {
  const { root, settings } = manifest;
  const resolver = createImportResolver(root, settings.external);
  const nativePackages = createNativePackages();
  const results = new Map<FunctionEntry, BundleResult>();
  const problems: Problem[] = [];

  const attempt = async (task: () => Promise<void>) => {
    try {
      await task();
    } catch (error) {
      problems.push(...toProblems(error, root));
    }
  };
  const plugin = (texts: ReadonlyMap<string, string>) =>
    projectPlugin({ root, resolver, nativePackages, entries: texts });
  const make = async (rest: Pick<BuildOptions, "splitting" | "plugins" | "entryPoints">) =>
    withoutRuntimeMappings(await build({ ...bundleOptions(manifest), ...rest }));
  const finish = (result: BundleResult) => withoutUnusedGlobals(withoutUnreachable(result, root));
  const alone = async ({ id, text }: FunctionEntry, plugins: NonNullable<BuildOptions["plugins"]>) =>
    finish(
      await make({
        splitting: true,
        plugins: [...plugins, plugin(new Map([[id, text]]))],
        entryPoints: [{ in: `queue-run-entry:${id}`, out: "index" }],
      }),
    );

  /** All of one kind in one build, which reads what they have in common once; what esbuild makes of each is the same. */
  const bundleKind = async (kind: FunctionKind, all: FunctionEntry[]) => {
    const parts = await bundleLazyParts(bundleOptions(manifest), kind, manifest.socket !== null);
    const sharing = all.map((entry) => ({ entry, text: shareModules(parts) + entry.text }));
    const together = await make({
      splitting: false,
      plugins: [lazyPartsPlugin(parts), plugin(new Map(sharing.map(({ entry, text }) => [entry.id, text])))],
      entryPoints: all.map(({ id }, at) => ({ in: `queue-run-entry:${id}`, out: `${at}/index` })),
    });
    for (const [at, { entry, text }] of sharing.entries()) {
      const own = outputsOfEntry(together, `queue-run-entry:${entry.id}`, String(at), root);
      const whole = own && finish(own);
      const isWhole = whole !== null && !loadsLater(whole, root);
      const result = isWhole ? whole : await alone({ ...entry, text }, [lazyPartsPlugin(parts)]);
      results.set(entry, withParts(result, parts, root));
    }
  };
  const ofKind = (kind: FunctionEntry["kind"]) => entries.filter((entry) => entry.kind === kind);
  await Promise.all([
    ...ofKind("api").map((entry) => attempt(async () => void results.set(entry, await alone(entry, [])))),
    ...(["queue", "schedule", "socket"] as const).map((kind) => {
      const all = ofKind(kind);
      return all.length > 0 ? attempt(() => bundleKind(kind, all)) : null;
    }),
  ]);
  if (problems.length > 0) throw new ProjectProblemsError(distinct(problems));
  return results;
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
