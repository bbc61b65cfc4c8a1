import { relative, resolve, sep } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { type BundleResult, withoutUnusedGlobals } from "./bundle-options.js";
import { runtimeFile } from "./runtime-urls.js";
import {
  handOver,
  type Loaded,
  runtimeFolder,
  type SharedModule,
  sharedModules,
  takeLoaded,
} from "./taken-modules.js";

/** A part of the runtime that a function loads when it first needs it: a file beside the function's own. */
type Part = {
  /** The file, less `.mjs`. */
  name: string;
  /** The runtime's module that an `import()` names, less `.js`. */
  module: string;
};

/** What a first call of AWS loads. The parts after it take from it what they have in common. */
const FIRST_CALL: Part = { name: "first-call", module: "on-first-call" };
const LATER_PARTS: readonly Part[] = [
  { name: "records", module: "on-first-record" },
  { name: "delays", module: "on-first-delay" },
  { name: "connections", module: "on-first-send" },
];
/** What nothing loads in a project without a socket. */
const OF_SOCKET = "connections";
const PARTS = [FIRST_CALL, ...LATER_PARTS];

/** The entry points of the runtime that a kind of function has from its start. */
export type FunctionKind = "queue" | "schedule" | "socket";

/** What is bundled beside functions of one kind. */
export type LazyParts = BundleResult & {
  /** What they take from the function itself. */
  shared: SharedModule[];
};

type SharedOptions = BuildOptions & { absWorkingDir: string; write: false; metafile: true };

const ENTRY = "queue-run-part";
const SHARED = "queue-run-shared";
/**
 * Bundles each part of the runtime that functions load when they first need it into one file. It takes from the function
 * what the function has loaded, and from the first call's file what that has. Splitting by esbuild would put what several
 * need into files of their own, which every cold start would have to read too, and a file costs it as much as 40 KB.
 *
 * @param options - as of the functions' own bundles, without plugins and entry points
 * @param hasSocket - whether the project has a socket that its functions may send to
 */
export async function bundleLazyParts(
  options: SharedOptions,
  kind: FunctionKind,
  hasSocket = true,
): Promise<LazyParts> {
  const start = ["/bind", "/instance", `/lambda/${kind}`].map((part) =>
    runtimeFile(`@queue-run/runtime${part}`),
  );
  const atStart = await findModules(options, start, new Set());
  const firstCall = atStart.parts.get(FIRST_CALL.name) ?? "";
  const atFirstCall = await findModules(options, [firstCall], atStart.modules);
  // What users import may load a part as well: the socket, for one.
  const { parts: ofUsers } = await findModules(options, [runtimeFile("@queue-run/runtime")], new Set());
  const ofFunction: Loaded = { modules: atStart.modules, used: new Map() };
  const ofFirstCall: Loaded = { modules: atFirstCall.modules, used: new Map() };

  const results: BundleResult[] = [];
  for (const part of LATER_PARTS) {
    const entry = atStart.parts.get(part.name) ?? atFirstCall.parts.get(part.name) ?? ofUsers.get(part.name);
    if (entry === undefined || (part.name === OF_SOCKET && !hasSocket)) continue;
    const text = `import "./${FIRST_CALL.name}.mjs";\nexport * from ${JSON.stringify(entry)};\n`;
    results.push(await bundlePart(options, part, text, [ofFunction, ofFirstCall]));
  }
  const text = `export * from ${JSON.stringify(firstCall)};\n${handOver(sharedModules(ofFirstCall), ({ path }) => path)}`;
  results.unshift(await bundlePart(options, FIRST_CALL, text, [ofFunction]));
  return {
    ...mergeBundles(results),
    shared: sharedModules(ofFunction),
  };
}

/** The plugin of a function that has the parts beside it. */
export function lazyPartsPlugin({ shared }: LazyParts): Plugin {
  return {
    name: "queue-run-lazy-parts",
    setup(builder) {
      leavePartsOutside(builder);
      builder.onResolve({ filter: /^queue-run-shared:/ }, ({ path }) => ({
        path: shared[Number(path.slice(SHARED.length + 1))]?.path,
        sideEffects: false,
      }));
    },
  };
}

/** @returns the lines of a function's entry point that give its modules to the parts */
export function shareModules({ shared }: LazyParts): string {
  return handOver(shared, (_, index) => `${SHARED}:${index}`);
}

/**
 * A function with the parts that it may load, or that those may.
 *
 * @param root - where the bundle's paths are relative to
 */
export function withParts(bundle: BundleResult, parts: LazyParts, root: string): BundleResult {
  const outputs = Object.entries(parts.metafile.outputs).filter(([path]) => !path.endsWith(".map"));
  const needed = new Set<string>();
  const need = (metafile: BundleResult["metafile"], from: (path: string) => boolean): void => {
    for (const [path, { imports }] of Object.entries(metafile.outputs)) {
      if (!from(path)) continue;
      for (const imported of imports) {
        const [output] = outputs.find(([name]) => imported.path === `./${fileOf(name)}`) ?? [];
        if (output === undefined || needed.has(output)) continue;
        needed.add(output);
        need(parts.metafile, (part) => part === output);
      }
    }
  };
  need(bundle.metafile, () => true);
  const isNeeded = (path: string): boolean => needed.has(path.replace(/\.map$/, ""));
  return {
    ...bundle,
    outputFiles: [
      ...bundle.outputFiles,
      ...parts.outputFiles.filter(({ path }) => isNeeded(relative(root, path).replaceAll(sep, "/"))),
    ],
    metafile: {
      inputs: { ...parts.metafile.inputs, ...bundle.metafile.inputs },
      outputs: {
        ...bundle.metafile.outputs,
        ...Object.fromEntries(Object.entries(parts.metafile.outputs).filter(([path]) => isNeeded(path))),
      },
    },
  };
}

/** @returns whether a function, or a package that it uses, loads code of its own when it is needed */
export function loadsLater({ metafile }: BundleResult, root: string): boolean {
  const used = new Set(Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs)));
  return [...used].some(
    (input) =>
      !input.startsWith("queue-run-entry:") &&
      !resolve(root, input).startsWith(runtimeFolder()) &&
      metafile.inputs[input]?.imports.some(({ kind, external }) => kind === "dynamic-import" && !external),
  );
}

/** Finds what entry points of the runtime load at once, less what is loaded before, and the parts that they may load later. */
async function findModules(
  options: SharedOptions,
  entryPoints: string[],
  before: ReadonlySet<string>,
): Promise<{ modules: Set<string>; parts: Map<string, string> }> {
  const parts = new Map<string, string>();
  const find: Plugin = {
    name: "queue-run-find-modules",
    setup(builder) {
      builder.onResolve({ filter: /.*/ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
        if (kind !== "dynamic-import" || pluginData === SHARED) return undefined;
        const part = partOf(path);
        if (part) {
          const found = await builder.resolve(path, { importer, kind, resolveDir, pluginData: SHARED });
          parts.set(part.name, found.path);
        }
        return { path, external: true };
      });
    },
  };
  const contents = entryPoints.map((path) => `import ${JSON.stringify(path)};`).join("\n");
  const { metafile } = await build({
    ...options,
    stdin: { contents, resolveDir: runtimeFolder(), sourcefile: "entry-points.js" },
    splitting: false,
    ignoreAnnotations: true,
    plugins: [find],
  });
  const files = Object.keys(metafile.inputs).map((input) => resolve(options.absWorkingDir, input));
  return { modules: new Set(files.filter((file) => !before.has(file))), parts };
}

async function bundlePart(
  options: SharedOptions,
  { name }: Part,
  text: string,
  loaded: Loaded[],
): Promise<BundleResult> {
  const take = takeLoaded(loaded);
  const plugin: Plugin = {
    name: "queue-run-lazy-part",
    setup(builder) {
      leavePartsOutside(builder);
      builder.onResolve({ filter: new RegExp(`^${ENTRY}:`) }, () => ({ path: name, namespace: ENTRY }));
      builder.onLoad({ filter: /.*/, namespace: ENTRY }, () => ({
        contents: text,
        resolveDir: runtimeFolder(),
      }));
      take.resolve(builder, (namespace) => namespace === ENTRY);
    },
  };
  const result = await build({
    ...options,
    entryPoints: [{ in: `${ENTRY}:${name}`, out: name }],
    splitting: false,
    // All of it is the runtime's own.
    sourcemap: false,
    plugins: [plugin],
  });
  take.note(result.metafile);
  return withoutUnusedGlobals(result);
}

/** An `import()` of a part is one of its file; so is what a part begins with. */
function leavePartsOutside({ onResolve }: Parameters<Plugin["setup"]>[0]): void {
  onResolve({ filter: /^\.{1,2}\// }, ({ path, kind, namespace }) => {
    const part = kind === "dynamic-import" ? partOf(path) : undefined;
    if (part) return { path: `./${part.name}.mjs`, external: true };
    return namespace === ENTRY ? { path, external: true } : undefined;
  });
}

function partOf(path: string): Part | undefined {
  return PARTS.find(({ module }) => new RegExp(`(?:^|/)${module}(?:-\\w+)?\\.js$`).test(path));
}

function mergeBundles(results: BundleResult[]): BundleResult {
  const [first] = results;
  if (!first) throw new Error("There is nothing to merge.");
  return {
    ...first,
    outputFiles: results.flatMap(({ outputFiles }) => outputFiles),
    metafile: {
      inputs: Object.assign({}, ...results.map(({ metafile }) => metafile.inputs)),
      outputs: Object.assign({}, ...results.map(({ metafile }) => metafile.outputs)),
    },
  };
}

function fileOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
