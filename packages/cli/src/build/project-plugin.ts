import { readFileSync } from "node:fs";
import { basename, relative, resolve, sep } from "node:path";
import type { OnResolveArgs, OnResolveResult, Plugin } from "esbuild";
import { stemOf } from "../project/project-files.js";
import { readSourceFacts } from "../project/source-facts.js";
import { bundledHandlerInterop } from "./commonjs-interop.js";
import type { ImportResolver } from "./import-resolver.js";
import type { NativePackages } from "./native-packages.js";
import { bindingModule, bindingOf } from "./runtime-binding.js";
import { runtimeFile } from "./runtime-urls.js";

const ENTRY = "queue-run-entry";
const BINDING = "queue-run-binding";
const HANDLER = "queue-run-handler";

/** Files whose values are for development and for installing: .env, .env.production, .npmrc. */
const NEVER_BUNDLED = /[\\/](?:\.env(?:\.[^\\/]*)?|\.npmrc)$/;

/** What the plugin needs to know of a project. */
export type ProjectPluginOptions = {
  root: string;
  resolver: ImportResolver;
  /** Left outside of bundles. */
  nativePackages: NativePackages;
  /** The text of each function's entry point, by the name that `entryPoints` has for it. */
  entries: ReadonlyMap<string, string>;
};

/**
 * The esbuild plugin of deployed bundles: the project's imports resolve as they do in development, "queue-run" is the
 * runtime bound to the file that imports it, and entry points are made from the manifest.
 */
export function projectPlugin({ root, resolver, nativePackages, entries }: ProjectPluginOptions): Plugin {
  return {
    name: "queue-run",
    setup(builder) {
      builder.onResolve({ filter: /^queue-run-entry:/ }, ({ path }) => ({
        path: path.slice(ENTRY.length + 1),
        namespace: ENTRY,
      }));
      builder.onLoad({ filter: /.*/, namespace: ENTRY }, ({ path }) => ({
        contents: entries.get(path) ?? "",
        resolveDir: root,
        loader: "js",
      }));

      builder.onResolve({ filter: /^@queue-run\/runtime(?:\/|$)/ }, ({ path }) => ours(path));
      builder.onResolve({ filter: /^queue-run(?:\/|$)/ }, ({ path, importer }) => {
        if (path === "queue-run") {
          const isBound = bindingOf(root, importer) !== null;
          return isBound
            ? { path: nameOf(importer), namespace: BINDING, sideEffects: false }
            : ours("@queue-run/runtime");
        }
        const jsx = /^queue-run\/(jsx-(?:dev-)?runtime)$/.exec(path)?.[1];
        return jsx ? ours(`hono/jsx/${jsx}`) : undefined;
      });
      builder.onLoad({ filter: /.*/, namespace: BINDING }, ({ path }) => {
        const binding = bindingOf(root, resolve(root, path));
        if (!binding) return undefined;
        const modules = { runtime: "@queue-run/runtime", bind: "@queue-run/runtime/bind" };
        return { contents: bindingModule(binding, modules, "esm"), resolveDir: root, loader: "js" };
      });

      builder.onLoad({ filter: /.*/, namespace: HANDLER }, ({ path }) => {
        const file = resolve(root, path);
        const facts = readSourceFacts(file, readFileSync(file, "utf8"), new Set());
        const names = facts.exports.map(({ name }) => name);
        return { contents: bundledHandlerInterop(file, names), resolveDir: root, loader: "js" };
      });
      builder.onLoad({ filter: NEVER_BUNDLED }, ({ path }) => ({
        errors: [
          {
            text: `${basename(path)} is of this machine alone, and is never built into a function`,
            notes: [
              {
                text: "Read the values from process.env: npx queue-run env set gives them to a stage, -e to one deploy.",
              },
            ],
          },
        ],
      }));
      builder.onResolve({ filter: /.*/ }, (args) => resolveLocal(args));
    },
  };

  /** Relative, so that what is made of it is the same wherever the project is. */
  function nameOf(file: string): string {
    return relative(root, file).replaceAll(sep, "/");
  }

  function resolveLocal({ path, importer, namespace, kind }: OnResolveArgs): OnResolveResult | undefined {
    if (kind === "entry-point" || namespace === BINDING || importer === "") return undefined;
    if (namespace === ENTRY) {
      if (stemOf(path) === null) return undefined;
      return isCommonJs(path) ? { path: nameOf(path), namespace: HANDLER } : { path };
    }
    if (namespace === HANDLER) return { path };
    const isNative = nativePackages.has(path, importer);
    if (importer.includes(`${sep}node_modules${sep}`)) return isNative ? { path, external: true } : undefined;
    const resolved = resolver.resolve(
      path,
      importer,
      kind === "require-call" || kind === "require-resolve" ? "require" : "import",
    );
    if (resolved.kind === "local") return { path: resolved.file };
    return isNative ? { path, external: true } : undefined;
  }
}

/** A module of the runtime that this command line came with; what a bundle does not use of it stays out. */
function ours(specifier: string): OnResolveResult {
  return { path: runtimeFile(specifier), sideEffects: false };
}

function isCommonJs(file: string): boolean {
  return readSourceFacts(file, readFileSync(file, "utf8"), new Set()).commonJs;
}
