import { join } from "node:path";
import type { BuildOptions, BuildResult } from "esbuild";
import type { Manifest } from "../project/manifest.js";
import { RUNS_FROM_SOURCE, SOURCE_CONDITION } from "./runtime-urls.js";

/** What esbuild made of a function, in memory. */
export type BundleResult = BuildResult<{ write: false; metafile: true }>;

/** Where esbuild believes that it writes: always the same, since names of chunks depend on it. */
export function bundledFolder(root: string): string {
  return join(root, ".queue-run", "bundle");
}

/** What the bundles of a project's functions have in common: ESM for Lambda's Node, minified, with source maps. */
export function bundleOptions({ root, settings }: Manifest) {
  const external = settings.external ?? [];
  return {
    absWorkingDir: root,
    outdir: bundledFolder(root),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    chunkNames: "[name]-[hash]",
    assetNames: "[name]-[hash]",
    format: "esm",
    platform: "node",
    target: settings.runtime === "nodejs22.x" ? "node22" : "node24",
    minify: true,
    keepNames: true,
    sourcemap: "linked",
    sourcesContent: false,
    legalComments: "none",
    metafile: true,
    write: false,
    logLevel: "silent",
    external: external.flatMap((name) => [name, `${name}/*`]),
    // Packages' ESM builds lose what is not used; of their CommonJS builds everything stays.
    mainFields: ["module", "main"],
    conditions: RUNS_FROM_SOURCE ? [SOURCE_CONDITION, "module"] : ["module"],
    banner: { js: COMMONJS_GLOBALS },
    jsx: "automatic",
    jsxImportSource: "queue-run",
    loader: { ".node": "copy" },
  } satisfies BuildOptions;
}

/** What CommonJS packages expect to find, and ESM does not have. */
const COMMONJS_GLOBALS =
  'const require=process.getBuiltinModule("node:module").createRequire(import.meta.url),__filename=import.meta.filename,__dirname=import.meta.dirname;';

/** Takes `require`, `__filename` and `__dirname` out of files that need none: making `require` costs a cold start half a millisecond. Lines stay lines. */
export function withoutUnusedGlobals<R extends BundleResult>(result: R): R {
  const outputFiles = result.outputFiles.map((file) => {
    const [banner, ...lines] = file.text.split("\n");
    const code = `\n${lines.join("\n")}`;
    if (banner !== COMMONJS_GLOBALS || /\brequire\b|\b__(?:file|dir)name\b/.test(code)) return file;
    return { ...file, text: code, contents: Buffer.from(code) };
  });
  return { ...result, outputFiles };
}
