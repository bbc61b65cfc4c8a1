import type { IncomingMessage, ServerResponse } from "node:http";
import { configureInstance, type InstanceConfig } from "@queue-run/runtime/instance";
import { devScriptEnvironment } from "../exec/script-environment.js";
import { allowedHostsOf, isAllowed } from "../local-sqs/allowed-hosts.js";
import type { Dashboard } from "./dashboard/dashboard.js";
import { readBody } from "./http/read-body.js";
import { toPortableError } from "./worker/portable-error.js";

/** What `dev queue` sends: a payload that is JSON, or text, and the options of a push. */
type PushRequest = { payload: unknown; options: Record<string, unknown> };

export type OwnEndpointsPorts = {
  /** The HTTP server's port. */
  port: () => number;
  instance: () => InstanceConfig;
  status: () => object;
  /** Runs a schedule, to its end; throws what is to be told. */
  runSchedule: (name: string) => Promise<object>;
  /** What the page shows; its code is loaded when it is asked for. */
  dashboard: () => Promise<Dashboard>;
};

/** Larger than the largest message, in JSON. */
const MAX_PUSH_BYTES = 8 * 1_048_576;

/**
 * Answers what is under `/_queue-run`, for the developer alone: a page elsewhere, or a name that was pointed here, gets
 * 403.
 *
 * - `GET /_queue-run/status`: what is served
 * - `GET /_queue-run/environment`: what a script of `exec` finds its queues by
 * - `POST /_queue-run/queue/NAME`: a push, as code of the project would make it
 * - `POST /_queue-run/schedule/NAME`: a run of a schedule, answered when it has ended
 * - the dashboard, and what its page asks for
 */
export function ownEndpoints(
  ports: OwnEndpointsPorts,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const { host, origin } = request.headers;
    if (!isAllowed(allowedHostsOf(ports.port()), host, origin)) {
      request.resume();
      return answer(response, 403, { message: "This is for the machine that the dev server runs on." });
    }
    const path = (request.url ?? "").replace(/\?.*$/, "");
    const [, kind, name] = /^\/_queue-run\/(queue|schedule)\/([^/]+)$/.exec(path) ?? [];
    if (name !== undefined && request.method === "POST")
      void (kind === "queue" ? push : run)(decoded(name), request, response, ports);
    else if (path === "/_queue-run/status") answer(response, 200, ports.status());
    else if (path === "/_queue-run/environment")
      answer(response, 200, devScriptEnvironment(ports.instance()));
    else void answerByDashboard(path, request, response, ports);
  };
}

/** A malformed escape stands for itself: nothing has such a name. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

async function answerByDashboard(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  { dashboard }: OwnEndpointsPorts,
): Promise<void> {
  try {
    const page = await dashboard();
    if (await page.answer(request, response, path)) return;
    request.resume();
    answer(response, 404, { message: "There is nothing here." });
  } catch (error) {
    if (response.headersSent) response.destroy();
    else answer(response, 500, { error: { ...toPortableError(error), stack: null } });
  }
}

async function push(
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
  { instance }: OwnEndpointsPorts,
): Promise<void> {
  try {
    const body = await readBody(request, MAX_PUSH_BYTES);
    if (body === "aborted") return;
    if (body === "too-large" || body === null)
      return answer(response, 400, { message: "The request has no usable body." });
    const { payload, options } = JSON.parse(body.toString()) as PushRequest;
    const { queues } = await import("@queue-run/runtime");
    configureInstance(instance());
    answer(response, 202, { jobId: await queues.get(name).push(payload, options) });
  } catch (error) {
    answer(response, 422, { error: { ...toPortableError(error), stack: null } });
  }
}

async function run(
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
  { runSchedule }: OwnEndpointsPorts,
): Promise<void> {
  request.resume();
  try {
    answer(response, 200, await runSchedule(name));
  } catch (error) {
    answer(response, 422, { error: { ...toPortableError(error), stack: null } });
  }
}

function answer(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    "cross-origin-resource-policy": "same-origin",
    "x-content-type-options": "nosniff",
  });
  response.end(text);
}
