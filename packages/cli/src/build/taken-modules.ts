import { dirname, relative, sep } from "node:path";
import { build, type Metafile, type PluginBuild } from "esbuild";
import { runtimeFile } from "./runtime-urls.js";

/** A module of the runtime that is loaded when a part needs it, and which of its exports the part uses. */
export type SharedModule = { path: string; names: string[] };

/** Modules that are loaded already, and what is used of them after all. */
export type Loaded = { modules: ReadonlySet<string>; used: Map<string, Set<string>> };

/** Where modules that are loaded are, for the parts that come later. */
const MODULES = 'globalThis[Symbol.for("queue-run.modules")]';
/** A module that is loaded. */
const SHARED = "queue-run-loaded";
/** One export of a module that is loaded: a module of its own, so that it is known which are used. */
const EXPORT = "queue-run-export";

/** How a part takes modules that are loaded already, in place of holding them itself. */
type TakeLoaded = {
  /** @param isExempt - whose imports are left alone: a namespace of esbuild's */
  resolve(builder: PluginBuild, isExempt: (namespace: string) => boolean): void;
  /** Writes down what the part uses of them. */
  note(metafile: Metafile): void;
};

/** @param loaded - where modules may be taken from; the first that has one is asked */
export function takeLoaded(loaded: Loaded[]): TakeLoaded {
  const takenFrom = new Map<string, { path: string; from: Loaded }>();
  return {
    resolve(builder, isExempt) {
      builder.onResolve(
        { filter: /^[./]/ },
        async ({ path, importer, namespace, kind, resolveDir, pluginData }) => {
          if (kind !== "import-statement" || isExempt(namespace) || pluginData === SHARED) return undefined;
          const found = await builder.resolve(path, { importer, kind, resolveDir, pluginData: SHARED });
          const from = loaded.find(({ modules }) => modules.has(found.path));
          if (!from) return undefined;
          const key = keyOf(found.path);
          takenFrom.set(key, { path: found.path, from });
          return { path: key, namespace: SHARED, sideEffects: false };
        },
      );
      builder.onLoad({ filter: /.*/, namespace: SHARED }, async ({ path: key }) => {
        const names = await exportsOf(takenFrom.get(key)?.path ?? "");
        const lines = names.map(
          (name) => `export { value as ${name} } from ${JSON.stringify(`${EXPORT}:${key}#${name}`)};`,
        );
        return { contents: lines.join("\n") };
      });
      builder.onResolve({ filter: new RegExp(`^${EXPORT}:`) }, ({ path }) => ({
        path: path.slice(EXPORT.length + 1),
        namespace: EXPORT,
        sideEffects: false,
      }));
      builder.onLoad({ filter: /.*/, namespace: EXPORT }, ({ path }) => {
        const [key = "", name] = path.split("#");
        if (name === undefined) return { contents: `export default ${MODULES}[${JSON.stringify(key)}];` };
        const from = JSON.stringify(`${EXPORT}:${key}`);
        return {
          contents: `import module from ${from};\nexport const value = module[${JSON.stringify(name)}];`,
        };
      });
    },
    note({ outputs }) {
      for (const { inputs } of Object.values(outputs)) {
        for (const [input, { bytesInOutput }] of Object.entries(inputs)) {
          const [key = "", name] = input.startsWith(`${EXPORT}:`)
            ? input.slice(EXPORT.length + 1).split("#")
            : [];
          const taken = takenFrom.get(key);
          if (!taken || name === undefined || bytesInOutput === 0) continue;
          const names = taken.from.used.get(taken.path) ?? new Set();
          taken.from.used.set(taken.path, names.add(name));
        }
      }
    },
  };
}

/** @returns what was used, in an order that does not change */
export function sharedModules({ used }: Loaded): SharedModule[] {
  return [...used]
    .map(([path, names]) => ({ path, names: [...names].sort() }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * The lines of an entry point that give its modules to the parts that come later.
 *
 * @param specifierOf - what a module is imported by
 */
export function handOver(
  modules: SharedModule[],
  specifierOf: (module: SharedModule, index: number) => string,
): string {
  const imports = modules.map((module, index) => {
    const names = module.names.map((name, at) => `${name} as shared${index}_${at}`);
    return `import { ${names.join(", ")} } from ${JSON.stringify(specifierOf(module, index))};`;
  });
  const members = modules.map(({ path, names }, index) => {
    const exported = names.map((name, at) => `${JSON.stringify(name)}: shared${index}_${at}`);
    return `${JSON.stringify(keyOf(path))}: { ${exported.join(", ")} }`;
  });
  return `${imports.join("\n")}\n${MODULES} = { ...${MODULES}, ${members.join(", ")} };\n`;
}

const exportNames = new Map<string, Promise<string[]>>();

/** @returns the names that a module of the runtime exports */
function exportsOf(path: string): Promise<string[]> {
  const known = exportNames.get(path);
  if (known) return known;
  const names = build({
    entryPoints: [path],
    bundle: false,
    format: "esm",
    write: false,
    metafile: true,
  }).then(({ metafile }) => Object.values(metafile.outputs).flatMap(({ exports }) => exports));
  exportNames.set(path, names);
  return names;
}

/** A module's name wherever the runtime is installed. */
function keyOf(path: string): string {
  return relative(runtimeFolder(), path).replaceAll(sep, "/");
}

/** Where the runtime's modules are. */
export function runtimeFolder(): string {
  return dirname(runtimeFile("@queue-run/runtime"));
}
