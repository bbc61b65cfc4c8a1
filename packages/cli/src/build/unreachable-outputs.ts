import { relative, sep } from "node:path";
import type { BundleResult } from "./bundle-options.js";

/**
 * Leaves out what nothing in a bundle loads: esbuild writes a file for each `import()` that it has read, also where the
 * code with that import is left out because nobody uses it.
 *
 * @param root - where the bundle's paths are relative to
 */
export function withoutUnreachable<R extends BundleResult>(result: R, root: string): R {
  const { inputs, outputs } = result.metafile;
  const reachable = new Set(Object.keys(outputs).filter((path) => !isLoadedLater(path)));
  for (const path of reachable)
    for (const imported of outputs[path]?.imports ?? []) {
      if (outputs[imported.path]) reachable.add(imported.path);
    }
  const isKept = (path: string): boolean => reachable.has(path.replace(/\.map$/, ""));
  return {
    ...result,
    outputFiles: result.outputFiles.filter(({ path }) => isKept(relative(root, path).replaceAll(sep, "/"))),
    metafile: {
      inputs,
      outputs: Object.fromEntries(Object.entries(outputs).filter(([path]) => isKept(path))),
    },
  };

  /** Whether a file is there only for an `import()`, or for the files that are. Assets have no exports, and stay. */
  function isLoadedLater(path: string): boolean {
    const output = outputs[path];
    if (!output || !/\.m?js$/.test(path)) return false;
    return !output.entryPoint?.startsWith("queue-run-entry:");
  }
}
