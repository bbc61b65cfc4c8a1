import { dirname, relative, resolve, sep } from "node:path";
import { type BuildOptions, type BuildResult, build, type Plugin } from "esbuild";
import { runtimeFile } from "./runtime-urls.js";

/** What is bundled beside a function: the code that its first call of AWS loads. */
export type FirstCall = BuildResult<{ write: false; metafile: true }> & {
  /** Absolute paths of the runtime's modules that it takes from the function itself, sorted. */
  shared: string[];
};

/** The parts of the runtime that are in a function from its start. */
const AT_ONCE = ["/bind", "/instance", "/lambda/queue", "/lambda/schedule"];
const FILE = "first-call.mjs";
const ON_FIRST_CALL = /(?:^|\/)on-first-call(?:-\w+)?\.js$/;
/** Where a function's modules are for `first-call.mjs`. */
const MODULES = 'globalThis[Symbol.for("queue-run.modules")]';
const SHARED = "queue-run-shared";

/**
 * Bundles the code that a first call of AWS loads into one file, which takes what the function has loaded from the
 * function. Splitting by esbuild would put what both need into a file of its own, which every cold start would have to
 * read too, and a file costs it as much as 40 KB.
 *
 * @param options - as of the functions' own bundles, without plugins and entry points
 */
export async function bundleFirstCall(options: SharedOptions): Promise<FirstCall> {
  const { entry, loaded } = await modulesLoadedAtOnce(options);
  const used = new Set<string>();
  const takeFromFunction: Plugin = {
    name: "queue-run-first-call",
    setup(builder) {
      builder.onResolve({ filter: /^[./]/ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
        if (kind !== "import-statement" || pluginData === SHARED) return undefined;
        const found = await builder.resolve(path, { importer, kind, resolveDir, pluginData: SHARED });
        if (!loaded.has(found.path)) return undefined;
        used.add(found.path);
        return { path: keyOf(found.path), namespace: SHARED, sideEffects: false };
      });
      builder.onLoad({ filter: /.*/, namespace: SHARED }, ({ path }) => ({
        contents: `module.exports = ${MODULES}[${JSON.stringify(path)}];`,
        loader: "js",
      }));
    },
  };
  const result = await build({
    ...options,
    entryPoints: [{ in: entry, out: FILE.replace(/\.mjs$/, "") }],
    splitting: false,
    plugins: [takeFromFunction],
  });
  return { ...result, shared: [...used].sort() };
}

type SharedOptions = BuildOptions & { absWorkingDir: string; write: false; metafile: true };

/** The plugin of a function that has `first-call.mjs` beside it. */
export function firstCallPlugin({ shared }: FirstCall): Plugin {
  return {
    name: "queue-run-first-call",
    setup({ onResolve }) {
      onResolve({ filter: ON_FIRST_CALL }, ({ kind }) =>
        kind === "dynamic-import" ? { path: `./${FILE}`, external: true } : undefined,
      );
      onResolve({ filter: /^queue-run-shared:/ }, ({ path }) => ({
        path: shared[Number(path.slice(SHARED.length + 1))],
        sideEffects: false,
      }));
    },
  };
}

/** @returns the lines of a function's entry point that give its modules to `first-call.mjs` */
export function shareModules({ shared }: FirstCall): string {
  const imports = shared.map((_, index) => `import * as shared${index} from "${SHARED}:${index}";`);
  const members = shared.map((path, index) => `${JSON.stringify(keyOf(path))}: shared${index}`);
  return `${imports.join("\n")}\n${MODULES} = { ${members.join(", ")} };\n`;
}

/** @returns whether a function, or a package that it uses, loads code of its own when it is needed */
export function loadsLater({ metafile }: FirstCall | BuildResult<{ metafile: true }>, root: string): boolean {
  const used = new Set(Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs)));
  return [...used].some(
    (input) =>
      !input.startsWith("queue-run-entry:") &&
      !resolve(root, input).startsWith(runtimeFolder()) &&
      metafile.inputs[input]?.imports.some(({ kind, external }) => kind === "dynamic-import" && !external),
  );
}

/** Finds what a function reads at once of the runtime, and the module that its first call loads. */
async function modulesLoadedAtOnce(options: SharedOptions): Promise<{ entry: string; loaded: Set<string> }> {
  let entry = "";
  const find: Plugin = {
    name: "queue-run-at-once",
    setup(builder) {
      builder.onResolve({ filter: /.*/ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
        if (kind !== "dynamic-import" || pluginData === SHARED) return undefined;
        if (ON_FIRST_CALL.test(path)) {
          const found = await builder.resolve(path, { importer, kind, resolveDir, pluginData: SHARED });
          entry = found.path;
        }
        return { path, external: true };
      });
    },
  };
  const imports = AT_ONCE.map(
    (part) => `import ${JSON.stringify(runtimeFile(`@queue-run/runtime${part}`))};`,
  );
  const { metafile } = await build({
    ...options,
    stdin: { contents: imports.join("\n"), resolveDir: runtimeFolder(), sourcefile: "at-once.js" },
    splitting: false,
    ignoreAnnotations: true,
    plugins: [find],
  });
  const files = Object.keys(metafile.inputs).map((input) => resolve(options.absWorkingDir, input));
  return { entry, loaded: new Set(files) };
}

/** A module's name wherever the runtime is installed. */
function keyOf(path: string): string {
  return relative(runtimeFolder(), path).replaceAll(sep, "/");
}

function runtimeFolder(): string {
  return dirname(runtimeFile("@queue-run/runtime"));
}
