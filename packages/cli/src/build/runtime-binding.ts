import { relative, sep } from "node:path";
import { stemOf } from "../project/project-files.js";
import { routePathOf } from "../project/route-files.js";

/** Which queue or route a file is, so that `queues.self()` and `url.self()` can answer in it. */
export type RuntimeBinding = { queue: string } | { route: string };

/**
 * @param root - the project's folder
 * @param file - absolute path
 * @returns null for a file that is neither, which shares the plain "queue-run"
 */
export function bindingOf(root: string, file: string): RuntimeBinding | null {
  const local = relative(root, file).replaceAll(sep, "/");
  const name = local.slice(local.lastIndexOf("/") + 1);
  const stem = stemOf(name);
  if (stem === null || name.startsWith("_")) return null;
  if (local === `queues/${name}`) return { queue: stem };
  return local.startsWith("api/") ? { route: routePathOf(local) } : null;
}

/**
 * The text of the module that a file under queues/ or api/ gets for "queue-run": all of the runtime, with `queues`
 * or `url` bound to the file.
 *
 * @param urls - what the module imports from: the runtime and its `bind`
 */
export function bindingModule(
  binding: RuntimeBinding,
  urls: { runtime: string; bind: string },
  format: "esm" | "commonjs",
): string {
  const isQueue = "queue" in binding;
  const [bind, name] = isQueue ? ["bindQueues", "queues"] : ["bindUrl", "url"];
  const value = isQueue ? { queue: binding.queue, fifo: binding.queue.endsWith(".fifo") } : binding.route;
  const runtime = JSON.stringify(urls.runtime);
  const from = JSON.stringify(urls.bind);
  const call = `${bind}(${JSON.stringify(value)})`;
  if (format === "commonjs") {
    return `const { ${bind} } = require(${from});\nmodule.exports = { ...require(${runtime}), ${name}: ${call} };\n`;
  }
  return `import { ${bind} } from ${from};\nexport * from ${runtime};\nexport const ${name} = ${call};\n`;
}
