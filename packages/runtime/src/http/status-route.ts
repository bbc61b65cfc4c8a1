import type { HttpFunction, HttpRoute } from "../lambda/functions.js";
import { statusRouteQueue } from "../queue/reference-state.js";
import { buildPath } from "./build-path.js";
import { parseRoutePath } from "./route-path.js";
import type { PathParameters } from "./router.js";

const JOB_ID = "jobId";

/** The routes that tell the status of a queue's jobs, by the queue's name, once somebody has asked for one. */
const known = new WeakMap<HttpFunction, Promise<Map<string, HttpRoute[]>>>();

/**
 * Finds where the status of a job can be asked for: a route whose `get` is its queue's `statusHttp`. Which it is only their
 * code can tell, so on the first call the routes that have [jobId] in their path are loaded.
 *
 * @param params - of the request that pushed the job; what else the route's path needs has to be among them
 * @returns the path, "/exports/…"; null where there is no such route
 */
export async function statusPath(
  fn: HttpFunction,
  queueName: string,
  jobId: string,
  params: PathParameters,
): Promise<string | null> {
  const finding = known.get(fn) ?? findStatusRoutes(fn);
  known.set(fn, finding);
  const routes = (await finding).get(queueName) ?? [];
  for (const { path } of routes) {
    const parsed = parseRoutePath(path);
    if (!parsed.ok) continue;
    const { route } = parsed;
    const isFilled = route.parameters.every((name) => name === JOB_ID || Object.hasOwn(params, name));
    if (isFilled) return buildPath(route, { ...params, [JOB_ID]: jobId });
  }
  return null;
}

/** Routes with fewer parameters first. One that cannot be loaded is none: its own requests say why. */
async function findStatusRoutes({ routes, load }: HttpFunction): Promise<Map<string, HttpRoute[]>> {
  const candidates = routes.filter(
    ({ path, exports }) => path.includes(`[${JOB_ID}]`) && exports.includes("get"),
  );
  const modules = await Promise.all(candidates.map(({ file }) => load(file).catch(() => null)));
  const found = new Map<string, HttpRoute[]>();
  for (const [index, route] of candidates.entries()) {
    const queueName = statusRouteQueue(modules[index]?.get);
    if (queueName !== null) found.set(queueName, [...(found.get(queueName) ?? []), route]);
  }
  const parameters = ({ path }: HttpRoute): number => path.split("[").length;
  for (const list of found.values()) list.sort((a, b) => parameters(a) - parameters(b));
  return found;
}
