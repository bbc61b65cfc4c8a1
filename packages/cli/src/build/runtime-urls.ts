import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** Where the runtime's modules are for the code of handlers in development: one copy, the worker's own. */
export type RuntimeUrls = {
  /** What handlers import as "queue-run". */
  runtime: string;
  bind: string;
  jsxRuntime: string;
  jsxDevRuntime: string;
};

/** @returns the modules of the runtime that this command line itself uses, as file URLs */
export function installedRuntimeUrls(): RuntimeUrls {
  const require = createRequire(import.meta.url);
  const url = (specifier: string, from: NodeJS.Require = require) =>
    pathToFileURL(from.resolve(specifier)).href;
  const fromRuntime = createRequire(require.resolve("@queue-run/runtime"));
  return {
    runtime: url("@queue-run/runtime"),
    bind: url("@queue-run/runtime/bind"),
    jsxRuntime: esmTwin(url("hono/jsx/jsx-runtime", fromRuntime)),
    jsxDevRuntime: esmTwin(url("hono/jsx/jsx-dev-runtime", fromRuntime)),
  };
}

/** Hono keeps its CommonJS build in dist/cjs beside its ESM build in dist; handlers and mounted apps share the latter. */
function esmTwin(url: string): string {
  return url.replace("/dist/cjs/", "/dist/");
}
