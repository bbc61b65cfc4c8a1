import { existsSync, realpathSync } from "node:fs";
import { basename, isAbsolute, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Message } from "esbuild";
import type { Problem } from "../project/manifest.js";
import { readSourceFacts } from "../project/source-facts.js";
import { createCompilerOptions } from "./compiler-options.js";
import { createImportResolver, type ImportKind } from "./import-resolver.js";
import { type LinkContext, type LinkedModule, linkModule, localImports } from "./link-module.js";
import { createPackageTypes } from "./module-format.js";
import { createModuleOutput } from "./module-output.js";
import { bindingModule, bindingOf } from "./runtime-binding.js";
import { installedRuntimeUrls, type RuntimeUrls, runtimeFile } from "./runtime-urls.js";
import { type TransformedModule, type TransformFailed, transformModule } from "./transform-module.js";

/** A route, queue, middleware or index file that Node can load now; or why it cannot. */
export type PreparedEntry =
  | {
      ok: true;
      /** What a worker imports. */
      url: string;
      /** Absolute paths of every file of the project that it may load, itself first: a change in any means new workers. */
      reached: string[];
    }
  | { ok: false; problems: Problem[]; reached: string[] };

/** The project's files as modules that Node can load, each built by itself and only when it changed. */
export type DevModules = {
  /**
   * Builds what is not built yet of a file and all that it imports. What was written before stays as it is when
   * anything fails, so that new workers can still load the last good code.
   *
   * @param file - absolute, or relative to the root
   */
  prepare: (file: string) => Promise<PreparedEntry>;
  /**
   * Says which files changed, were added or removed.
   *
   * @param files - absolute, or relative to the root
   */
  invalidate: (files: readonly string[]) => void;
};

/** Everything that building for development needs to know. */
export type DevModulesOptions = {
  /** Absolute path of the project's folder. */
  root: string;
  /** Where modules are written: .queue-run/dev/modules. */
  outDir: string;
  /** Default: those of this command line. */
  runtimeUrls?: RuntimeUrls;
  /** `external` of queue-run.config.ts. */
  external?: readonly string[];
};

/** A file and all that it imports, by absolute path. */
type ModuleGraph = Map<string, TransformedModule | TransformFailed>;

/** Starts with nothing built; what an earlier run left in `outDir` is overwritten file by file. */
export function createDevModules(options: DevModulesOptions): DevModules {
  const root = realpathSync(options.root);
  const output = createModuleOutput(root, resolve(options.outDir));
  const urls = options.runtimeUrls ?? installedRuntimeUrls();
  const resolver = createImportResolver(root, options.external);
  let compilerOptions = createCompilerOptions();
  let packageTypes = createPackageTypes();

  const transformed = new Map<string, Promise<TransformedModule | TransformFailed>>();
  const linked = new WeakMap<TransformedModule, { generation: number; result: LinkedModule }>();
  const prepared = new Map<string, PreparedEntry>();
  /** Counts changes, so that what was built while files changed is built again. */
  let changes = 0;
  /** Counts changes of what imports lead to. */
  let resolutions = 0;

  return { prepare, invalidate };

  async function prepare(file: string): Promise<PreparedEntry> {
    const entry = toReal(file);
    const before = prepared.get(entry);
    if (before) return before;
    for (;;) {
      const changesBefore = changes;
      const graph = await transformGraph(entry);
      if (changes === changesBefore) return linkGraph(entry, graph);
    }
  }

  /** Imports lead to files as they are without symbolic links; so must entries, and files that changed. */
  function toReal(file: string): string {
    const path = resolve(root, file);
    const given = relative(resolve(options.root), path);
    return given.startsWith("..") || isAbsolute(given) ? path : join(root, given);
  }

  function linkGraph(entry: string, graph: ModuleGraph): PreparedEntry {
    const context = linkContext(graph);
    const problems: Problem[] = [];
    const reached = [...graph.keys()];
    const outputs = new Map<string, string>();
    for (const module of graph.values()) {
      if ("errors" in module) problems.push(...module.errors.map((error) => toProblem(module.file, error)));
      else {
        const result = link(module, context);
        problems.push(...result.problems);
        outputs.set(output.pathOf(module.file, module.format), result.code);
      }
    }
    const main = graph.get(entry);
    if (problems.length > 0 || !main || "errors" in main) return { ok: false, problems, reached };
    const url = main.format === "commonjs" ? handlerUrl(main) : urlOf(entry, graph);
    output.write(outputs);
    const result: PreparedEntry = { ok: true, url, reached };
    prepared.set(entry, result);
    return result;
  }

  function invalidate(files: readonly string[]): void {
    changes++;
    for (const path of files.map(toReal)) {
      const name = basename(path);
      const isSettings = name === "package.json" || /^[tj]sconfig(?:\..*)?\.json$/.test(name);
      const appearedOrVanished = !transformed.has(path) || !existsSync(path);
      if (isSettings) {
        compilerOptions = createCompilerOptions();
        packageTypes = createPackageTypes();
        transformed.clear();
      }
      if (isSettings || appearedOrVanished) {
        resolver.clear();
        resolutions++;
        prepared.clear();
      }
      transformed.delete(path);
      for (const [entry, { reached }] of prepared) if (reached.includes(path)) prepared.delete(entry);
    }
  }

  /** Transforms a file and everything of the project that it imports, each once. */
  async function transformGraph(entry: string): Promise<ModuleGraph> {
    const graph: ModuleGraph = new Map();
    const started = new Set<string>();
    await visit(entry);
    return graph;

    async function visit(file: string): Promise<void> {
      if (started.has(file)) return;
      started.add(file);
      const module = await transformOnce(file);
      graph.set(file, module);
      if (!("errors" in module)) await Promise.all(localImports(module, resolver).map(visit));
    }
  }

  async function transformOnce(file: string): Promise<TransformedModule | TransformFailed> {
    let work = transformed.get(file);
    if (!work) {
      work = transformModule(file, {
        compilerOptions: compilerOptions(file),
        packageType: packageTypes(file),
      });
      transformed.set(file, work);
      work.catch(() => transformed.delete(file));
    }
    try {
      return await work;
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      return {
        file,
        errors: [{ id: "", pluginName: "", text, location: null, notes: [], detail: undefined }],
      };
    }
  }

  function link(module: TransformedModule, context: LinkContext): LinkedModule {
    const before = linked.get(module);
    if (before?.generation === resolutions) return before.result;
    const result = linkModule(module, context);
    if (result.problems.length === 0) linked.set(module, { generation: resolutions, result });
    return result;
  }

  function linkContext(graph: ModuleGraph): LinkContext {
    return {
      resolver,
      nameOf,
      runtimeUrl,
      urlOf: (file) => urlOf(file, graph),
      isCommonJs(file) {
        const module = graph.get(file);
        return module && !("errors" in module) ? module.format === "commonjs" : null;
      },
      interopUrl(commonJsUrl, names, importer) {
        const isNodeMode = packageTypes(importer.file) === "module" || /\.m[jt]s$/.test(importer.file);
        return output.interop(commonJsUrl, new Set(names), isNodeMode ? "node" : "compiled");
      },
    };
  }

  function runtimeUrl(specifier: string, importer: TransformedModule, kind: ImportKind): string | null {
    if (specifier === "queue-run" || specifier === "@queue-run/runtime") {
      const binding = bindingOf(root, importer.file);
      if (!binding) return urls.runtime;
      const format = kind === "require" ? "commonjs" : "esm";
      const targets = { runtime: urls.runtime, bind: urls.bind };
      if (format === "commonjs")
        for (const key of ["runtime", "bind"] as const) targets[key] = fileURLToPath(urls[key]);
      const extension = format === "commonjs" ? ".cjs" : ".mjs";
      return output.generate(
        `_queue-run/${nameOf(importer.file)}${extension}`,
        bindingModule(binding, targets, format),
      );
    }
    if (specifier === "queue-run/jsx-runtime") return urls.jsxRuntime;
    if (specifier === "queue-run/jsx-dev-runtime") return urls.jsxDevRuntime;
    return specifier.startsWith("@queue-run/runtime/") ? pathToFileURL(runtimeFile(specifier)).href : null;
  }

  /** A CommonJS route or queue as a module whose exports have the names that the manifest gives them. */
  function handlerUrl(module: TransformedModule): string {
    const facts = readSourceFacts(module.file, module.source, new Set());
    const names = new Set(["*", ...facts.exports.map(({ name }) => name)]);
    return output.interop(pathToFileURL(output.pathOf(module.file, module.format)).href, names, "handler");
  }

  function urlOf(file: string, graph: ModuleGraph): string {
    const module = graph.get(file);
    return pathToFileURL(output.pathOf(file, module && "format" in module ? module.format : "esm")).href;
  }

  function toProblem(file: string, { text, location }: Message): Problem {
    return {
      code: "QR_SYNTAX_ERROR",
      file: nameOf(file),
      line: location?.line ?? null,
      column: location ? location.column + 1 : null,
      message: `${text}.`,
      fix: "Mend the syntax of the file.",
      ...(location ? { frame: location.lineText } : {}),
    };
  }

  function nameOf(file: string): string {
    return relative(root, file).replaceAll(sep, "/");
  }
}
