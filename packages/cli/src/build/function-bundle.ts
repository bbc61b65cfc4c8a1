import { join, relative, resolve, sep } from "node:path";
import type { Metafile } from "esbuild";
import type { Manifest } from "../project/manifest.js";
import { type BundleResult, bundledFolder } from "./bundle-options.js";
import type { ImportKind } from "./import-resolver.js";
import { packageNameOf } from "./native-packages.js";
import type { SourceUses } from "./source-uses.js";

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
  /** The files that it was made from: relative to the root, sorted. */
  inputs: string[];
  /** What they do with queues and the socket. */
  uses: SourceUses;
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

/**
 * @param folder - absolute path of where it was written
 * @param uses - what its inputs do
 */
export function describeBundle(
  { id, folder }: { id: string; folder: string },
  { metafile, outputFiles }: BundleResult,
  uses: SourceUses,
  { root, routes }: Manifest,
): FunctionBundle {
  const code = outputFiles.filter(({ path }) => !path.endsWith(".map"));
  const inputs = inputsOf(metafile);
  return {
    id,
    file: join(folder, "index.mjs"),
    files: outputFiles.map(({ path }) => relative(bundledFolder(root), path).replaceAll(sep, "/")).sort(),
    bytes: code.reduce((sum, { contents }) => sum + contents.length, 0),
    inputs,
    uses,
    externals: externalsOf(metafile, inputs, root),
    routes: id === "api" ? routeSizes(metafile, routes) : [],
  };
}

/** The files that a bundle was made from: relative to the root, sorted. */
export function inputsOf({ inputs, outputs }: Metafile): string[] {
  const used = Object.values(outputs).flatMap((output) =>
    Object.entries(output.inputs).flatMap(([input, { bytesInOutput }]) => (bytesInOutput > 0 ? [input] : [])),
  );
  // Nothing may be left of a file that only hands on what queue-run exports; whoever reads the inputs has to know it.
  const handingOn = Object.entries(inputs).flatMap(([input, { imports }]) =>
    imports.some(({ original }) => original === "queue-run") ? [input] : [],
  );
  return [...new Set([...used, ...handingOn])].filter((input) => !/^queue-run-[a-z-]+:/.test(input)).sort();
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
