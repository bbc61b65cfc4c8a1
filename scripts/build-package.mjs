/**
 * Builds the package in the current folder: every entry point that its package.json "exports" names under the
 * condition `queue-run:source` is bundled with code splitting (so that shared state stays one module), with its own
 * dependencies left external, and its declarations are written by tsc.
 *
 * "inlinedDependencies" of package.json are bundled all the same: packages of which a few functions are needed, and
 * whose own entry points would load far more.
 *
 * Of a package whose package.json says "buildsEntriesApart", each entry point is bundled for itself, since each runs in a
 * process or thread of its own: what several of them share is then not split into chunks, each of which costs Node
 * half a millisecond when it starts.
 *
 * "requiredDependencies" are CommonJS packages that are required, not imported: of those that are imported, Node reads
 * the whole text for the names of their exports first, which takes several times as long as loading them.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { builtinModules, createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { build } from "esbuild";
import { thirdPartyLicenses } from "./third-party-licenses.mjs";

const SOURCE_CONDITION = "queue-run:source";
const packageFolder = process.cwd();
const manifest = JSON.parse(readFileSync("package.json", "utf8"));
const sources = Object.values(manifest.exports)
  .map((target) => target[SOURCE_CONDITION])
  .filter(Boolean);

const inlined = manifest.inlinedDependencies ?? [];
/** "neverLoaded": what an inlined package imports only where nobody calls: dead code, dropped by tree shaking. */
const neverLoaded = manifest.neverLoaded ?? [];
const leavePackagesExternal = {
  name: "leave-packages-external",
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, importer, kind }) => {
      const isInlined = inlined.includes(path) || /[\\/]node_modules[\\/]/.test(importer);
      if (kind === "entry-point" || (isInlined && !neverLoaded.includes(path))) return undefined;
      return { path, external: true };
    });
  },
};

/**
 * An ESM import of one of Node's modules has Node make all its exports, which costs a cold start milliseconds, and tens of
 * them where some are loaded lazily. What inlined packages call of them is looked up when it is called: for packages
 * whose package.json says "looksUpNodeModules", since these functions are not the very ones that Node has (a
 * `promisify` of them, for instance, is another).
 */
const lookUpNodeModules = {
  name: "look-up-node-modules",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, importer }) =>
      builtinModules.includes(path.replace(/^node:/, "")) && /[\\/]node_modules[\\/]/.test(importer)
        ? { path: path.replace(/^(?:node:)?/, "node:"), namespace: "node-module", sideEffects: false }
        : undefined,
    );
    onLoad({ filter: /./, namespace: "node-module" }, ({ path }) => {
      const module = `process.getBuiltinModule(${JSON.stringify(path)})`;
      const isCalled = (name, value) => typeof value === "function" && !/^[A-Z]/.test(name);
      const lines = Object.entries(process.getBuiltinModule(path))
        .filter(([name]) => name !== "default")
        .map(([name, value]) =>
          isCalled(name, value)
            ? `export const ${name} = (...values) => ${module}.${name}(...values);`
            : `export const ${name} = /* @__PURE__ */ (() => ${module}.${name})();`,
        );
      return { contents: lines.join("\n") };
    });
  },
};

const required = manifest.requiredDependencies ?? [];
const requireCommonJs = {
  name: "require-commonjs",
  setup({ onResolve, onLoad }) {
    const asRequired = (path) =>
      required.includes(path) ? { path, namespace: "required", sideEffects: false } : undefined;
    onResolve({ filter: /^[^./]/ }, ({ path }) => asRequired(path));
    // The native part of an inlined package is found from the package's own folder.
    onResolve({ filter: /^\.\/binding$/ }, ({ resolveDir }) =>
      asRequired(`${basename(resolveDir)}/binding.js`),
    );
    // What is inlined has no `require` of its own.
    onLoad({ filter: /[\\/]node_modules[\\/].*\.c?js$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const contents = text.replace(/\brequire\((["'])(?:node:)?([\w/]+)\1\)/g, (call, _, name) =>
        builtinModules.includes(name) ? `globalThis.process.getBuiltinModule("node:${name}")` : call,
      );
      return contents === text ? undefined : { contents, loader: "js", resolveDir: dirname(path) };
    });
    onLoad({ filter: /.*/, namespace: "required" }, ({ path }) => {
      const exported = createRequire(join(packageFolder, "package.json"))(path);
      const names = Object.keys(exported).filter((name) => name !== "default");
      return {
        contents:
          `import { createRequire } from "node:module";\n` +
          `const exported = createRequire(import.meta.url)(${JSON.stringify(path)});\n` +
          `export const { ${names.join(", ")} } = exported;\nexport default exported;\n`,
      };
    });
  },
};

rmSync("dist", { recursive: true, force: true });
const buildEntries = (entryPoints) =>
  build({
    entryPoints,
    outdir: "dist",
    outbase: "src",
    bundle: true,
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    format: "esm",
    platform: "node",
    target: "node20.19",
    plugins: [
      requireCommonJs,
      ...(manifest.looksUpNodeModules ? [lookUpNodeModules] : []),
      leavePackagesExternal,
    ],
    mainFields: ["module", "main"],
    conditions: ["module"],
    keepNames: false,
    legalComments: "none",
    metafile: true,
    logLevel: "warning",
  });
const bundled = [];
for (const entryPoints of manifest.buildsEntriesApart ? sources.map((source) => [source]) : [sources]) {
  const { metafile } = await buildEntries(entryPoints);
  // Not every input is in an output: of a package that was only looked through, nothing is passed on.
  for (const { inputs } of Object.values(metafile.outputs))
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) if (bytesInOutput > 0) bundled.push(path);
}
const licenses = thirdPartyLicenses(bundled);
if (licenses) writeFileSync(join("dist", "THIRD-PARTY-LICENSES.txt"), licenses);

const declarations = join(packageFolder, "dist", "tsconfig.declarations.json");
const toRoot = relative(dirname(declarations), join(packageFolder, "../.."));
writeFileSync(
  declarations,
  JSON.stringify({
    extends: join(toRoot, "tsconfig.json"),
    compilerOptions: {
      customConditions: [],
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      outDir: ".",
      rootDir: "../src",
      types: ["node"],
      typeRoots: [join(toRoot, "node_modules/@types")],
    },
    files: sources.map((file) => join("..", file)),
    include: [],
    exclude: [],
  }),
);
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
execFileSync(process.execPath, [tsc, "-p", declarations], { stdio: "inherit" });
rmSync(declarations);
