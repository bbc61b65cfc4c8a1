import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, extname, join, sep } from "node:path";
import { parseSync } from "oxc-parser";
import { ResolverFactory } from "oxc-resolver";
import { SOURCE_EXTENSIONS, sourceExtension } from "../project/source-language.js";

/** How a file asks for another: `import` (static or dynamic), or `require`. */
export type ImportKind = "import" | "require";

/** Where an import leads. */
type ResolvedImport =
  /** A file that is built with the project: its own, or a workspace package's. */
  | { kind: "local"; file: string }
  /** An installed package, which is used as it is. `file` is null where it is not installed. */
  | { kind: "package"; file: string | null; commonJs: boolean }
  | { kind: "builtin" }
  /** Ours: "queue-run", "queue-run/jsx-runtime". */
  | { kind: "runtime"; specifier: string }
  /** A file that is neither code nor data: an image, a stylesheet. */
  | { kind: "unsupported" }
  | { kind: "missing" };

/** Resolves imports as development, build and tests all do. */
export type ImportResolver = {
  /**
   * @param specifier - as it is written
   * @param importer - absolute path of the file that it stands in
   */
  resolve: (specifier: string, importer: string, kind: ImportKind) => ResolvedImport;
  /** Forgets what it knows of the disk: files were added or removed, a package.json or a tsconfig.json changed. */
  clear: () => void;
};

const EXTENSION_ALIAS = {
  ".js": [".ts", ".tsx", ".js", ".jsx"],
  ".jsx": [".tsx", ".jsx"],
  ".mjs": [".mts", ".mjs"],
  ".cjs": [".cts", ".cjs"],
};
const BUILTINS = new Set(builtinModules);
/** Data files that are built into modules. */
const DATA_EXTENSIONS = new Set([".json", ".txt"]);

/**
 * @param root - absolute path of the project's folder, where `#/…`, `#queues/…` and `#lib/…` lead
 * @param external - packages that are never built with the project, workspace packages too
 */
export function createImportResolver(root: string, external: readonly string[] = []): ImportResolver {
  const base = {
    tsconfig: "auto" as const,
    extensions: [...SOURCE_EXTENSIONS, ".json"],
    extensionAlias: EXTENSION_ALIAS,
    mainFields: ["main"],
    moduleType: true,
    builtinModules: false,
  };
  const conditions = ["node", "node-addons", "module-sync"];
  const resolvers: Record<ImportKind, ResolverFactory> = {
    import: new ResolverFactory({ ...base, conditionNames: [...conditions, "import"] }),
    require: new ResolverFactory({ ...base, conditionNames: [...conditions, "require"] }),
  };
  const known = new Map<string, ResolvedImport>();

  return {
    resolve(specifier, importer, kind) {
      const key = `${kind} ${specifier} ${specifier.startsWith(".") ? dirname(importer) : importer}`;
      const before = known.get(key);
      if (before) return before;
      const resolved = resolveNew(specifier, importer, kind);
      known.set(key, resolved);
      return resolved;
    },
    clear() {
      known.clear();
      resolvers.import.clearCache();
      resolvers.require.clearCache();
    },
  };

  function resolveNew(specifier: string, importer: string, kind: ImportKind): ResolvedImport {
    if (specifier.startsWith("node:") || BUILTINS.has(specifier)) return { kind: "builtin" };
    if (/^(?:data|https?):/.test(specifier)) return { kind: "builtin" };
    if (/^(?:queue-run|@queue-run\/runtime)(?:\/|$)/.test(specifier)) return { kind: "runtime", specifier };
    const resolver = resolvers[kind];
    const path = specifier.startsWith("file:") ? fromUrl(specifier) : specifier;
    let result = resolver.resolveFileSync(importer, path);
    const own = result.path === undefined ? conventionalPath(specifier) : null;
    if (own !== null) result = resolver.resolveFileSync(join(root, "package.json"), own);
    const isBare = /^[^./#]/.test(path) && !/^[A-Za-z]:[\\/]/.test(path);
    if (result.path === undefined) {
      return isBare && own === null ? { kind: "package", file: null, commonJs: false } : { kind: "missing" };
    }
    const file = result.path;
    const asItIs =
      (isBare && isExternal(specifier)) || isLoadable(file, kind) || /\.(?:node|wasm)$/.test(file);
    if (!asItIs && !isBuildable(file)) return { kind: "unsupported" };
    if (!asItIs) return { kind: "local", file };
    return { kind: "package", file, commonJs: isCommonJs(file, result.moduleType) };
  }

  function isExternal(specifier: string): boolean {
    return external.some((name) => specifier === name || specifier.startsWith(`${name}/`));
  }
}

/** `#queues/x`, `#lib/x` and `#/x`, which need neither package.json `imports` nor a tsconfig.json. */
function conventionalPath(specifier: string): string | null {
  if (specifier.startsWith("#/")) return `.${specifier.slice(1)}`;
  return /^#(?:queues|lib)\//.test(specifier) ? `./${specifier.slice(1)}` : null;
}

/** Whether Node can load an installed package's file as it is: not TypeScript, and not JSON without its attribute. */
function isLoadable(file: string, kind: ImportKind): boolean {
  if (!file.includes(`${sep}node_modules${sep}`) || /\.[cm]?tsx?$/.test(file)) return false;
  return kind === "require" || !file.endsWith(".json");
}

/** As Node takes it: a package that does not declare a type is what its syntax says. */
function isCommonJs(file: string, moduleType: string | undefined): boolean {
  if (moduleType !== undefined || !file.endsWith(".js")) return moduleType === "commonjs";
  return !parseSync(file, readFileSync(file, "utf8"), { lang: "js" }).module.hasModuleSyntax;
}

function isBuildable(file: string): boolean {
  return sourceExtension(file) !== null || DATA_EXTENSIONS.has(extname(file));
}

function fromUrl(specifier: string): string {
  return decodeURIComponent(new URL(specifier).pathname);
}
