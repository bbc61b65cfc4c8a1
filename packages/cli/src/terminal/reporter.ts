import type { Fault } from "../dev/http/answer.js";
import type { Outcome } from "../dev/runner/outcome.js";
import type { RunFailure } from "../dev/schedules/scheduler.js";
import type { WorkerEvent } from "../dev/worker/protocol.js";
import type { Manifest, Problem } from "../project/manifest.js";

/** What the dev server tells whoever watches it: a person at a terminal, or a program that reads lines of JSON. */
export type Reporter = {
  /** What is served, and where. */
  serving(manifest: Manifest, served: Served): void;
  /** Everything answers. Printed once. */
  ready(url: string): void;
  /** What a function's runtime tells. */
  event(event: WorkerEvent): void;
  /** What a handler wrote to its process's output by other means than console.*. */
  output(handler: string, stream: "stdout" | "stderr", text: string): void;
  batchFailed(failure: BatchFailure): void;
  /** A run of a schedule ended, and its function has not told of it. */
  runFailed(failure: RunFailure): void;
  requestFailed(request: { method: string; path: string; requestId: string }, fault: Fault): void;
  /** A change is live. */
  reloaded(files: string[], durationMs: number): void;
  /** Files that must be mended; what was good before keeps serving. */
  problems(problems: Problem[]): void;
  warning(message: string): void;
  info(message: string): void;
  /** Writes what is waiting. */
  flush(): void;
};

/** Where things are, and when schedules run. */
type Served = {
  url: string;
  sqsEndpoint: string;
  /** Milliseconds since 1970; null for a schedule that never runs by itself. */
  nextRunMs: (schedule: string) => number | null;
};

/** An invocation that ended without an answer that counts. */
type BatchFailure = {
  queueName: string;
  messages: { messageId: string; receiveCount: number }[];
  outcome: Outcome | { kind: "bad-answer"; why: string };
  backInSeconds: number;
};
