import { parseRoutePath, routeShape } from "@queue-run/runtime/http/route-path";
import { nearestName } from "@queue-run/runtime/names";
import type { Problem, RouteDefinition } from "./manifest.js";
import { problem } from "./problem.js";
import { stemOf } from "./project-files.js";
import { rememberByFacts } from "./remember-by-facts.js";
import { readRouteSettings } from "./route-settings.js";
import { settingOf } from "./setting-source.js";
import type { SourceFacts } from "./source-facts.js";

const METHOD_EXPORTS = ["get", "post", "put", "patch", "del", "delete", "head", "options"];

/**
 * Makes the definition of each route.
 *
 * @param files - paths of the files in api/
 * @param middleware - `_middleware` files by their folder
 * @param problems - what is wrong is added here
 */
export function defineRoutes(
  files: readonly string[],
  middleware: ReadonlyMap<string, string>,
  facts: ReadonlyMap<string, SourceFacts>,
  problems: Problem[],
): RouteDefinition[] {
  const routes: RouteDefinition[] = [];
  const byShape = new Map<string, string>();
  for (const file of files) {
    const known = facts.get(file);
    if (!known) continue;
    const { path, shape } = readPath(file, known, null, problems);
    if (shape !== null) checkShape(path, shape, file, byShape, problems);
    if (known.syntaxError) continue;
    routes.push({
      path,
      ...readRoute(file, known, null, problems),
      middleware: middlewareOf(file, middleware),
    });
  }
  return routes;
}

const readRoute = rememberByFacts((file, facts, _context: null, problems) => {
  const exports = facts.exports.map(({ name }) => name);
  checkExports(file, facts, exports, problems);
  const settings = readRouteSettings(settingOf(file, "config", facts, problems));
  return { file, exports, settings };
});

/** "api/orders/[id].ts" → "/orders/[id]"; "api/index.ts" → "/". */
export function routePathOf(file: string): string {
  const folder = file.slice("api".length, file.lastIndexOf("/"));
  const stem = stemOf(file) ?? "";
  return stem === "index" ? folder || "/" : `${folder}/${stem}`;
}

/** The path of a file's route, and its shape; null where it cannot be a route. */
const readPath = rememberByFacts((file, _facts, _context: null, problems) => {
  const path = routePathOf(file);
  const parsed = parseRoutePath(path);
  if (!parsed.ok) {
    const { message, fix } = parsed.problem;
    problems.push(problem("QR_INVALID_ROUTE", file, null, `${message}.`, `${fix}.`));
    return { path, shape: null };
  }
  if (path === "/_queue-run" || path.startsWith("/_queue-run/")) {
    const message = "/_queue-run is the development server's own page.";
    problems.push(problem("QR_RESERVED_ROUTE", file, null, message, "Rename the file or its folder."));
  }
  return { path, shape: routeShape(parsed.route) };
});

function checkShape(
  path: string,
  shape: string,
  file: string,
  byShape: Map<string, string>,
  problems: Problem[],
): void {
  const first = byShape.get(shape);
  if (first === undefined) byShape.set(shape, file);
  else {
    problems.push(
      problem(
        "QR_DUPLICATE_ROUTE",
        file,
        null,
        `It answers the same requests as ${first}: ${path}.`,
        "Rename or remove one of them. What a parameter is called makes no difference to which requests a route answers.",
      ),
    );
  }
}

function checkExports(file: string, facts: SourceFacts, exports: string[], problems: Problem[]): void {
  if (exports.includes("del") && exports.includes("delete")) {
    problems.push(
      problem(
        "QR_DUPLICATE_METHOD",
        file,
        null,
        "The file exports both del and delete, which are the same method.",
        "Keep one of them.",
      ),
    );
  }
  for (const at of facts.starExports) {
    problems.push(
      problem(
        "QR_STAR_EXPORT",
        file,
        at,
        "The methods of a route must be known without running it; export * hides their names.",
        'Name what you export: export { get } from "./_orders.js".',
      ),
    );
  }
  if (facts.starExports.length > 0 || exports.includes("default")) return;
  if (exports.some((name) => METHOD_EXPORTS.includes(name))) return;
  const meant = facts.exports.find(({ name }) => METHOD_EXPORTS.includes(name.toLowerCase()));
  const near =
    meant?.name.toLowerCase() ?? exports.map((name) => nearestName(name, METHOD_EXPORTS)).find(Boolean);
  problems.push(
    problem(
      "QR_NO_HANDLER",
      file,
      meant?.at,
      exports.length === 0
        ? "The file exports nothing, so no request can be answered."
        : "The file exports no handler of requests.",
      `${near ? `Did you mean to export ${near}? ` : ""}Export get, post, put, patch, del, head, options or default. A file that is not a route: start its name with _ or move it out of api/.`,
    ),
  );
}

/** The middleware that applies to a file, nearest first. */
function middlewareOf(file: string, middleware: ReadonlyMap<string, string>): string[] {
  const found: string[] = [];
  for (let folder = file; folder.includes("/"); ) {
    folder = folder.slice(0, folder.lastIndexOf("/"));
    const applies = middleware.get(folder);
    if (applies) found.push(applies);
  }
  return found;
}
