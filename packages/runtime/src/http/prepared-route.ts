import { invalidExport } from "../errors/http-errors.js";
import type { HttpFunction, HttpRoute, UserModule } from "../lambda/functions.js";
import type { CacheSettings } from "./caching.js";
import { displayRoutePath } from "./route-path.js";

/** A handler, or a hook, as the user wrote it. */
export type UserFunction = (...values: unknown[]) => unknown;

/** A default export that answers whole requests: a Hono app, for one. */
export type FetchApp = { fetch: (request: Request) => unknown; routes?: unknown };

/** Something that a route, or the nearest `_middleware` that exports it, says. */
export type Hook = { file: string; run: UserFunction };

/** A route with its code loaded and all that can be decided before a request comes. */
export type PreparedRoute = {
  route: HttpRoute;
  /** "/orders/:id" */
  displayPath: string;
  handlers: Map<string, UserFunction>;
  app: FetchApp | null;
  /** Every method that is answered, for Allow and for preflights. */
  methods: string[];
  authenticate: Hook | null;
  onRequest: Hook | null;
  onResponse: Hook | null;
  onError: Hook | null;
  caching: CacheSettings;
};

const EXPORT_OF_METHOD = {
  GET: "get",
  POST: "post",
  PUT: "put",
  PATCH: "patch",
  HEAD: "head",
  OPTIONS: "options",
};
const ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/**
 * Loads routes when they are first asked for, each file once. A file that failed to load is tried again by the next
 * request.
 */
export function createRouteLoader(
  fn: HttpFunction,
): (route: HttpRoute) => PreparedRoute | Promise<PreparedRoute> {
  const prepared = new Map<HttpRoute, PreparedRoute | Promise<PreparedRoute>>();
  const modules = new Map<string, Promise<UserModule>>();
  let index: Promise<void> | undefined;

  const loadModule = (file: string): Promise<UserModule> => {
    const known = modules.get(file) ?? fn.load(file);
    modules.set(file, known);
    known.catch(() => modules.delete(file));
    return known;
  };
  const loadRoute = async (route: HttpRoute): Promise<PreparedRoute> => {
    index ??= loadIndex(fn);
    await index;
    const files = [route.file, ...route.middleware];
    const loaded = await Promise.all(files.map(loadModule));
    const layers = loaded.map((module, position) => ({ module, file: files[position] ?? route.file }));
    const ready = prepareRoute(route, layers);
    prepared.set(route, ready);
    return ready;
  };
  return (route) => {
    const known = prepared.get(route);
    if (known) return known;
    const loading = loadRoute(route);
    prepared.set(route, loading);
    loading.catch(() => {
      prepared.delete(route);
      index = undefined;
    });
    return loading;
  };
}

async function loadIndex(fn: HttpFunction): Promise<void> {
  const module = await fn.loadIndex?.();
  if (typeof module?.warmup === "function") await module.warmup();
}

type Layer = { module: UserModule; file: string };

/**
 * @param layers - the route's own module first, then `_middleware` modules, nearest first
 * @throws QueueRunError `QR_INVALID_EXPORT`
 */
function prepareRoute(route: HttpRoute, layers: Layer[]): PreparedRoute {
  const module = layers[0]?.module ?? {};
  const handlers = handlersOf(route, module);
  const app = isFetchApp(module.default) ? module.default : null;
  const settings: unknown = module.config;
  return {
    route,
    displayPath: displayRoutePath(route.path),
    handlers,
    app,
    methods: methodsOf(handlers, app, route),
    authenticate: findHook("authenticate", layers),
    onRequest: findHook("onRequest", layers),
    onResponse: findHook("onResponse", layers),
    onError: findHook("onError", layers),
    caching: typeof settings === "object" && settings !== null ? (settings as CacheSettings) : {},
  };
}

function handlersOf(route: HttpRoute, module: UserModule): Map<string, UserFunction> {
  const handlers = new Map<string, UserFunction>();
  const add = (method: string, name: string): void => {
    const handler = module[name];
    if (handler === undefined) return;
    if (!isFunction(handler)) throw invalidExport(route.file, name, "a function");
    handlers.set(method, handler);
  };
  for (const [method, name] of Object.entries(EXPORT_OF_METHOD)) add(method, name);
  add("DELETE", "delete");
  add("DELETE", "del");
  const get = handlers.get("GET");
  if (get && !handlers.has("HEAD")) handlers.set("HEAD", get);
  if (module.default !== undefined && !isFetchApp(module.default))
    addDefault(route, module.default, handlers);
  return handlers;
}

/** A default export answers the methods that its `config.methods` lists, or all, where no named export does. */
function addDefault(route: HttpRoute, handler: unknown, handlers: Map<string, UserFunction>): void {
  if (!isFunction(handler))
    throw invalidExport(route.file, "default", "a function, or an app with a fetch method");
  const methods = route.settings.methods ?? ALL_METHODS;
  for (const method of methods.includes("GET") ? ["HEAD", ...methods] : methods) {
    if (!handlers.has(method)) handlers.set(method, handler);
  }
}

function methodsOf(handlers: Map<string, UserFunction>, app: FetchApp | null, route: HttpRoute): string[] {
  const methods = new Set(handlers.keys());
  for (const method of app ? (route.settings.methods ?? ALL_METHODS) : []) methods.add(method);
  methods.add("OPTIONS");
  return [...methods];
}

/** The nearest layer that exports the name decides, also by exporting null: off, for everything beneath it. */
function findHook(name: string, layers: Layer[]): Hook | null {
  for (const { module, file } of layers) {
    const exported = module[name];
    if (exported === undefined) continue;
    if (exported === null) return null;
    if (!isFunction(exported)) throw invalidExport(file, name, "a function or null");
    return { file, run: exported };
  }
  return null;
}

function isFetchApp(value: unknown): value is FetchApp {
  return (
    (typeof value === "object" || typeof value === "function") &&
    value !== null &&
    "fetch" in value &&
    typeof value.fetch === "function"
  );
}

function isFunction(value: unknown): value is UserFunction {
  return typeof value === "function";
}
