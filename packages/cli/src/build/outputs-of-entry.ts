import { join } from "node:path";
import type { Metafile } from "esbuild";
import { type BundleResult, bundledFolder } from "./bundle-options.js";
import { moveSources } from "./source-map-paths.js";

/**
 * What a build of many functions made of one of them: as if it had been built alone, as `index.mjs`.
 *
 * @param entry - its entry point, as the metafile has it
 * @param folder - where its files are, in the folder of bundles
 * @param root - where the metafile's paths are relative to
 * @returns null where it has files beside its own, which would have other paths: it has to be built alone
 */
export function outputsOfEntry(
  { outputFiles, metafile, ...rest }: BundleResult,
  entry: string,
  folder: string,
  root: string,
): BundleResult | null {
  const bundled = bundledFolder(root);
  const from = join(bundled, folder);
  const [outputPath, output] =
    Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === entry) ?? [];
  if (!outputPath || !output || output.cssBundle) return null;
  if (output.imports.some(({ path }) => metafile.outputs[path])) return null;
  const files = ["index.mjs", "index.mjs.map"].map((name) => {
    const file = outputFiles.find(({ path }) => path === join(from, name));
    if (!file) throw new Error(`esbuild has made no ${folder}/${name}.`);
    const contents = name.endsWith(".map") ? moveSources(file.contents, from, bundled) : file.contents;
    const text = Buffer.from(contents).toString("utf8");
    return { path: join(bundled, name), hash: file.hash, contents, text };
  });
  const ownPath = outputPath.replace(`/${folder}/index.mjs`, "/index.mjs");
  return {
    ...rest,
    outputFiles: files,
    metafile: { inputs: reachableInputs(metafile, entry), outputs: { [ownPath]: output } },
  };
}

function reachableInputs({ inputs }: Metafile, entry: string): Metafile["inputs"] {
  const reachable = new Set([entry]);
  for (const path of reachable)
    for (const imported of inputs[path]?.imports ?? []) reachable.add(imported.path);
  return Object.fromEntries(Object.entries(inputs).filter(([path]) => reachable.has(path)));
}
