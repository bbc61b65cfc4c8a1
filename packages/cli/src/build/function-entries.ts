import type { HttpRoute } from "@queue-run/runtime/lambda/http";
import type { Manifest, QueueDefinition, ScheduleDefinition, SocketDefinition } from "../project/manifest.js";
import { cronTextOf } from "../schedules/schedule-expression.js";
import { KNOWN_QUEUES } from "./known-queues.js";

/** What a path in an entry's text stands for: absolute path of a file of the project. */
type FilePath = (file: string) => string;

/**
 * The text of the entry point of a queue's function. It says what the instance knows first, and loads the user's code
 * when the first event, or Lambda's own initialisation, asks for it.
 */
export function queueEntry(
  { name, fifo, file, settings }: QueueDefinition,
  manifest: Manifest,
  path: FilePath,
): string {
  const fn = JSON.stringify({ name, fifo, settings });
  return `import { createQueueHandler } from "@queue-run/runtime/lambda/queue";
${configure(manifest)}
export const handler = createQueueHandler({ ...${fn}, load: () => import(${JSON.stringify(path(file))})${loadIndex(manifest, path)} });
await handler.ready().catch(() => {});
`;
}

/** The text of the entry point of a schedule's function. */
export function scheduleEntry(
  { name, file, expression, settings }: ScheduleDefinition,
  manifest: Manifest,
  path: FilePath,
): string {
  const fn = JSON.stringify({ name, cron: cronTextOf(expression), settings });
  return `import { createScheduleHandler } from "@queue-run/runtime/lambda/schedule";
${configure(manifest)}
export const handler = createScheduleHandler({ ...${fn}, load: () => import(${JSON.stringify(path(file))})${loadIndex(manifest, path)} });
await handler.ready().catch(() => {});
`;
}

/** The text of the entry point of the socket's function. */
export function socketEntry(
  { file, middleware, settings }: SocketDefinition,
  manifest: Manifest,
  path: FilePath,
): string {
  const fn = JSON.stringify({ file, middleware, settings });
  const files = middleware === null ? [file] : [file, middleware];
  const loaders = files.map(
    (each) => `  ${JSON.stringify(each)}: () => import(${JSON.stringify(path(each))}),`,
  );
  return `import { createSocketHandler } from "@queue-run/runtime/lambda/socket";
${configure(manifest)}
const files = {
${loaders.join("\n")}
};
export const handler = createSocketHandler({ ...${fn}, load: (file) => files[file]()${loadIndex(manifest, path)} });
await handler.ready().catch(() => {});
`;
}

/** The text of the entry point of the API's function. Each route is loaded by the first request for it. */
export function apiEntry(manifest: Manifest, path: FilePath): string {
  const routes: HttpRoute[] = manifest.routes.map(({ path: route, file, exports, settings, middleware }) => ({
    path: route,
    file,
    exports,
    settings,
    middleware,
  }));
  const files = new Set(routes.flatMap(({ file, middleware }) => [file, ...middleware]));
  const loaders = [...files]
    .sort()
    .map((file) => `  ${JSON.stringify(file)}: () => import(${JSON.stringify(path(file))}),`);
  return `import { createHttpHandler, createStreamingHttpHandler } from "@queue-run/runtime/lambda/http";
${configure(manifest)}
const files = {
${loaders.join("\n")}
};
const api = { routes: ${JSON.stringify(routes)}, load: (file) => files[file]()${loadIndex(manifest, path)} };
export const handler = process.env.QUEUE_RUN_HTTP === "api-gateway" ? createHttpHandler(api) : createStreamingHttpHandler(api);
`;
}

/** Which queues it knows of is seen when its files are. */
function configure({ settings }: Manifest): string {
  const instance = `instanceFromEnvironment(${KNOWN_QUEUES}, process.env)`;
  return `import { configureInstance, instanceFromEnvironment } from "@queue-run/runtime/instance";
configureInstance(${settings.metrics === false ? `{ ...${instance}, metrics: false }` : instance});`;
}

/** What stands before the text of an entry point where the project has OpenTelemetry. */
export const CONNECT_OPEN_TELEMETRY = `import { context, createTraceState, trace } from "@opentelemetry/api";
import { connectOpenTelemetry } from "@queue-run/runtime/open-telemetry";
connectOpenTelemetry({ context, createTraceState, trace });
`;

function loadIndex({ index }: Manifest, path: FilePath): string {
  return index === null ? "" : `, loadIndex: () => import(${JSON.stringify(path(index))})`;
}
