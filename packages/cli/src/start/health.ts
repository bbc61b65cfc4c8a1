import type { IncomingMessage, ServerResponse } from "node:http";

/** A poll that has had no answer for this long is in trouble: SQS answers one that finds nothing after 20 s. */
const UNANSWERED_AFTER_MS = 60_000;

const HEALTH_PATH = "/_queue-run/health";

/** What the health of the process is made of. */
export type HealthFacts = {
  phase: "starting" | "serving" | "stopping";
  /** For each queue that is polled: since when a poll waits for its answer; null while its jobs keep it busy. */
  unansweredSinceMs: (number | null)[];
  /** Requests and deliveries that run now. */
  running: number;
  nowMs: number;
};

export type Health = {
  status: "ok" | "starting" | "stopping" | "failing";
  /** Why it is failing; no names, since the port may be public. */
  reason?: string;
  polling: number;
  running: number;
};

/** @returns "ok" only while the process serves and SQS answers the polls of every queue */
export function healthOf({ phase, unansweredSinceMs, running, nowMs }: HealthFacts): Health {
  const facts = { polling: unansweredSinceMs.length, running };
  if (phase !== "serving") return { status: phase, ...facts };
  const waitsMs = unansweredSinceMs.flatMap((since) => (since === null ? [] : [nowMs - since]));
  const unanswered = waitsMs.filter((ms) => ms >= UNANSWERED_AFTER_MS);
  if (unanswered.length === 0) return { status: "ok", ...facts };
  const longest = Math.round(Math.max(...unanswered) / 1_000);
  const queues = unanswered.length === 1 ? "1 queue" : `${unanswered.length} queues`;
  return { status: "failing", reason: `no poll of ${queues} has been answered for ${longest} s`, ...facts };
}

/** Answers what is under `/_queue-run`: 200 while all is well, 503 otherwise. */
export function answerHealth(request: IncomingMessage, response: ServerResponse, health: Health): void {
  request.resume();
  const path = (request.url ?? "").replace(/\?.*$/, "");
  const isKnown = path === HEALTH_PATH && (request.method === "GET" || request.method === "HEAD");
  const status = isKnown ? (health.status === "ok" ? 200 : 503) : 404;
  const text = JSON.stringify(isKnown ? health : { error: "Nothing is served here." });
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
  });
  response.end(request.method === "HEAD" ? undefined : text);
}
