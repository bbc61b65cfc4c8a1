import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ResolverFactory } from "oxc-resolver";

/** Where the runtime's modules are for the code of handlers in development: one copy, the worker's own. */
export type RuntimeUrls = {
  /** What handlers import as "queue-run". */
  runtime: string;
  bind: string;
  jsxRuntime: string;
  jsxDevRuntime: string;
};

const HERE = fileURLToPath(import.meta.url);

/** The condition of package.json `exports` under which our own packages are their sources. */
export const SOURCE_CONDITION = "queue-run:source";

/** Whether the command line runs from its sources (its tests), and takes the runtime's too. */
export const RUNS_FROM_SOURCE = HERE.endsWith(".ts");

const resolver = new ResolverFactory({
  conditionNames: [...(RUNS_FROM_SOURCE ? [SOURCE_CONDITION] : []), "node", "import"],
});

/** @returns the modules of the runtime that this command line itself uses, as file URLs */
export function installedRuntimeUrls(): RuntimeUrls {
  const url = (specifier: string) => pathToFileURL(runtimeFile(specifier)).href;
  return {
    runtime: url("@queue-run/runtime"),
    bind: url("@queue-run/runtime/bind"),
    jsxRuntime: url("hono/jsx/jsx-runtime"),
    jsxDevRuntime: url("hono/jsx/jsx-dev-runtime"),
  };
}

/**
 * @param specifier - a module of the runtime, of this command line itself, or of a package that the runtime depends on
 * @returns absolute path of the module that this command line itself would import
 * @throws when the installation is not complete
 */
export function runtimeFile(specifier: string): string {
  const isOurs = /^@queue-run\/(?:runtime|cli)(?:\/|$)/.test(specifier);
  const from = isOurs ? dirname(HERE) : dirname(runtimeFile("@queue-run/runtime/bind"));
  const { path, error } = resolver.sync(from, specifier);
  if (path === undefined)
    throw new Error(`${specifier} is missing from the installation of queue-run: ${error}`);
  return path;
}
