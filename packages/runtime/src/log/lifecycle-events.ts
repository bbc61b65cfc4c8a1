/**
 * What the runtime tells about its work, as typed events. On Lambda the logger turns them into JSON lines; in
 * development the worker hands them to the terminal. Users listen with `logger.on`.
 */
export type LifecycleEvents = {
  /** console.* within a handler. */
  log: { level: LogLevel; arguments: unknown[]; source: EventSourceLabel };
  /** Something failed outside of a user's handler, or in a hook. */
  error: { error: unknown; source: EventSourceLabel };
  request: { method: string; path: string; source: EventSourceLabel };
  response: { method: string; path: string; status: number; durationMs: number; source: EventSourceLabel };
  jobStarted: JobEvent;
  jobFinished: JobEvent & { durationMs: number };
  jobFailed: JobEvent & {
    durationMs: number;
    error: unknown;
    outcome: FailureOutcome;
  };
  /** Went back to the queue without having run. */
  jobReturned: JobEvent & { reason: string };
  /** A run of a schedule that fell due while the one before it went on. */
  jobSkipped: JobEvent & { reason: string };
};

/** What becomes of a job that failed: runs of schedules, which have no dead-letter queue, are given up in the end. */
export type FailureOutcome =
  | { kind: "retry"; delaySeconds: number }
  | { kind: "dead-letter" | "given-up"; reason: string };

export type LogLevel = "debug" | "info" | "log" | "warn" | "error" | "trace";

/** Where an event comes from: the prefix of a log line, and its fields on Lambda. */
export type EventSourceLabel = {
  handler: string;
  requestId: string | null;
  queueName: string | null;
  jobId: string | null;
  attempt: number | null;
  traceId: string | null;
};

/** A job of a queue, or a run of a schedule. */
export type JobEvent = {
  /** Null for a run of a schedule. */
  queueName: string | null;
  /** Of a run of a schedule. */
  scheduleName?: string;
  jobId: string;
  /** "default", or the named export. */
  job: string;
  groupId: string | null;
  attempt: number;
  maxAttempts: number;
  source: EventSourceLabel;
};

export type LifecycleListener<K extends keyof LifecycleEvents> = (event: LifecycleEvents[K]) => void;

const listeners = new Map<keyof LifecycleEvents, Set<(event: never) => void>>();

/**
 * Listens to one kind of event.
 *
 * @returns a function that stops listening
 */
export function onLifecycle<K extends keyof LifecycleEvents>(
  kind: K,
  listener: LifecycleListener<K>,
): () => void {
  const ofKind = listeners.get(kind) ?? new Set();
  listeners.set(kind, ofKind);
  ofKind.add(listener as (event: never) => void);
  return () => ofKind.delete(listener as (event: never) => void);
}

/** Tells every listener. A listener that throws is ignored: telling must never change what happens. */
export function emitLifecycle<K extends keyof LifecycleEvents>(kind: K, event: LifecycleEvents[K]): void {
  for (const listener of listeners.get(kind) ?? []) {
    try {
      (listener as LifecycleListener<K>)(event);
    } catch {
      // A broken listener must not fail the job that it is told about.
    }
  }
}

/** @returns whether anybody listens, so that events that cost something to make are not made for nobody */
export function hasLifecycleListeners(kind: keyof LifecycleEvents): boolean {
  return (listeners.get(kind)?.size ?? 0) > 0;
}
