import { isAbsolute, resolve } from "node:path";
import { createImportResolver, type ImportResolver } from "./import-resolver.js";
import { bindingModule, bindingOf } from "./runtime-binding.js";
import { RUNS_FROM_SOURCE, runtimeFile } from "./runtime-urls.js";

/** The part of a Vite plugin that is used here; Vite itself is not a dependency. */
export type VitePlugin = {
  name: string;
  enforce: "pre";
  config: () => { test: { server: { deps: { external: RegExp[] } } } };
  configResolved: (config: { root: string }) => void;
  resolveId: (id: string, importer: string | undefined) => string | null;
  load: (id: string) => string | null;
};

const BINDING = "\0queue-run:";
/** Stands for "queue-run/testing" in tests: its projects load their files as the tests' own imports do. */
const TESTING = "\0queue-run-testing";

/**
 * Gives tests what handlers get: `queues.self()` and `url.self()` know their file, and `#queues/…`, `#lib/…` and `#/…`
 * resolve as they do in development. What `startProject` of "queue-run/testing" runs is what tests import, mocks and all.
 *
 * ```ts
 * import { queueRun } from "queue-run/vitest";
 * export default defineConfig({ plugins: [queueRun()] });
 * ```
 *
 * @param options - `root`: the project's folder, when it is not Vitest's
 */
export function queueRun(options: { root?: string } = {}): VitePlugin {
  let root = resolve(options.root ?? ".");
  let resolver: ImportResolver | null = null;
  return {
    name: "queue-run",
    enforce: "pre",
    config: () => ({ test: { server: { deps: { external: ourModules() } } } }),
    configResolved(config) {
      root = resolve(options.root ?? config.root);
      resolver = createImportResolver(root);
    },
    resolveId(id, importer) {
      if (importer === undefined || importer.startsWith(BINDING) || importer === TESTING) return null;
      const file = importer.split("?")[0] ?? importer;
      if (id === "queue-run")
        return bindingOf(root, file) ? `${BINDING}${file}` : runtimeFile("@queue-run/runtime");
      if (id === "queue-run/testing") return TESTING;
      if (!id.startsWith("#") || !isAbsolute(file)) return null;
      const resolved = resolver?.resolve(id, file, "import");
      return resolved?.kind === "local" ? resolved.file : null;
    },
    load(id) {
      if (id === TESTING) return testingModule(root);
      if (!id.startsWith(BINDING)) return null;
      const binding = bindingOf(root, id.slice(BINDING.length));
      return (
        binding &&
        bindingModule(
          binding,
          { runtime: runtimeFile("@queue-run/runtime"), bind: runtimeFile("@queue-run/runtime/bind") },
          "esm",
        )
      );
    },
  };
}

/** Node loads our own modules, also where they are linked: they are the same for what Vitest runs and what it does not. */
function ourModules(): RegExp[] {
  if (RUNS_FROM_SOURCE) return [];
  const folders = ["@queue-run/runtime", "@queue-run/cli/testing"].map((entry) => {
    const file = runtimeFile(entry).replaceAll("\\", "/");
    return file.slice(0, file.lastIndexOf("/dist/") + "/dist/".length);
  });
  return folders.map((folder) => new RegExp(`^(?:/@fs/)?${folder.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`));
}

/** A module that Vitest runs itself: what it imports goes through Vitest, too. */
function testingModule(root: string): string {
  return `import { onTestFailed } from "vitest";
import { projectStarter } from ${JSON.stringify(runtimeFile("@queue-run/cli/testing"))};
export const startProject = projectStarter({
  root: ${JSON.stringify(root)},
  load: (file) => import(/* @vite-ignore */ file),
  onTestFailed,
});
`;
}
