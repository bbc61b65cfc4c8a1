import { existsSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { purgeDeadLetters } from "../../deploy/manage/failed/purge-dead-letters.js";
import { retryDeadLetters, type Selection } from "../../deploy/manage/failed/retry-dead-letters.js";
import { readBody } from "../http/read-body.js";
import { toPortableError } from "../worker/portable-error.js";
import { content } from "./content.js";
import { sendLiveLines } from "./live-lines.js";
import { page } from "./page.js";
import { type DashboardPorts, openQueues, readDashboard } from "./read-dashboard.js";

/** Nothing of others' runs or is loaded in the page, and nobody shows it in a frame. */
const PAGE_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

const ASSETS: Record<string, string> = {
  "dashboard.js": "text/javascript; charset=utf-8",
  "dashboard.css": "text/css; charset=utf-8",
};

const MAX_BODY_BYTES = 1_048_576;

export type Dashboard = {
  /** @returns whether it answers, or has; whoever asks has been found to be of this machine */
  answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<boolean>;
  /** Ends what is being sent. */
  close(): void;
};

/**
 * The page at `/_queue-run`.
 *
 * - `GET /_queue-run`: the page; `/_queue-run/content`: the part of it that changes
 * - `GET /_queue-run/dashboard.js`, `dashboard.css`
 * - `GET /_queue-run/events`: the log, as server-sent events
 * - `POST /_queue-run/failed/NAME/retry` and `…/purge`: with `{ "jobId": "…" }`, or `{}` for all of a queue's
 */
export function createDashboard(ports: DashboardPorts): Dashboard {
  const live = new Set<() => void>();

  async function answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<boolean> {
    const [, name, action] = /^\/_queue-run\/failed\/([^/]+)\/(retry|purge)$/.exec(path) ?? [];
    if (name !== undefined && request.method === "POST") {
      await changeDeadLetters(request, response, decodeURIComponent(name), action === "retry");
      return true;
    }
    if (request.method !== "GET" && request.method !== "HEAD") return false;
    request.resume();
    const asset = path.slice("/_queue-run/".length);
    if (path === "/_queue-run" || path === "/_queue-run/")
      send(response, 200, "text/html; charset=utf-8", String(await page(await readDashboard(ports))));
    else if (path === "/_queue-run/content")
      send(response, 200, "text/html; charset=utf-8", String(await content(await readDashboard(ports))));
    else if (path === "/_queue-run/events") sendEvents(request, response);
    else if (Object.hasOwn(ASSETS, asset)) send(response, 200, ASSETS[asset] ?? "", readAsset(asset));
    else return false;
    return true;
  }

  function sendEvents(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { ...PAGE_HEADERS, "content-type": "text/event-stream" });
    const end = sendLiveLines(request, response, { recent: ports.recent, root: ports.manifest().root });
    live.add(end);
    request.socket.once("close", () => live.delete(end));
  }

  async function changeDeadLetters(
    request: IncomingMessage,
    response: ServerResponse,
    name: string,
    isRetry: boolean,
  ): Promise<void> {
    const json = (status: number, body: object) =>
      send(response, status, "application/json", JSON.stringify(body));
    const body = await readBody(request, MAX_BODY_BYTES);
    if (body === "aborted") return;
    try {
      const { jobId } = JSON.parse(String(body ?? "{}")) as { jobId?: unknown };
      const selection: Selection = typeof jobId === "string" ? new Set([jobId]) : "all";
      const queue = (await openQueues(ports)).find((each) => each.name === name);
      if (!queue) return json(404, { message: `There is no queue "${name}".` });
      json(200, await (isRetry ? retryDeadLetters(queue, selection) : purgeDeadLetters(queue, selection)));
    } catch (error) {
      json(422, { error: { ...toPortableError(error), stack: null } });
    }
  }

  return {
    answer,
    close() {
      for (const end of live) end();
    },
  };
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    ...PAGE_HEADERS,
    "content-type": type,
    "content-length": Buffer.byteLength(body),
  });
  response.end(body);
}

/** Beside dist and src, as the templates are. */
function readAsset(name: string): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  return readFileSync(join(folder, "dashboard", name), "utf8");
}
