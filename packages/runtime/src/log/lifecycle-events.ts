import { currentScope, type InvocationScope } from "../context/invocation-scope.js";

/**
 * What the runtime tells about its work, as typed events. On Lambda the logger turns them into JSON lines; in
 * development the worker hands them to the terminal. Users listen with `logger.on`.
 */
export type LifecycleEvents = {
  /** A call of `console.*`, with its arguments as they were given: nothing in them is hidden. */
  log: { level: LogLevel; arguments: unknown[]; source: EventSourceLabel };
  /**
   * Something failed that no job fails of: a request's handler or hook, code that cannot be loaded, a push after `ack()`,
   * a call of AWS.
   */
  error: { error: unknown; source: EventSourceLabel };
  /** A request whose route is known, before its handler runs. The path is as it was sent. */
  request: { method: string; path: string; source: EventSourceLabel };
  /** A request's answer, before it is written. `durationMs` ends there too. */
  response: { method: string; path: string; status: number; durationMs: number; source: EventSourceLabel };
  /** An attempt at a job, or a run of a schedule, begins. */
  jobStarted: JobEvent;
  /** An attempt succeeded: the job is over. */
  jobFinished: JobEvent & { durationMs: number };
  /** An attempt failed, and what becomes of its job. */
  jobFailed: JobEvent & {
    durationMs: number;
    /** What was thrown, or given to `fail` and `retry`. */
    error: unknown;
    outcome: FailureOutcome;
  };
  /** Went back to the queue without having run. */
  jobReturned: JobEvent & { reason: string };
  /** Its message was deleted, and it was not run: it had been cancelled, had come too late, or was over already. */
  jobDropped: JobEvent & { reason: "cancelled" | "expired" | "duplicate" };
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

export type LifecycleListener<K extends keyof LifecycleEvents> = (
  event: LifecycleEvents[K],
  scope: InvocationScope | null,
) => void;

type Listeners = Map<keyof LifecycleEvents, Set<(event: never, scope: InvocationScope | null) => void>>;

const ownListeners: Listeners = new Map();
const usersListeners: Listeners = new Map();

/**
 * Listens to one kind of event.
 *
 * @param isUsers - a listener of the user's: it is not told of what users' listeners do themselves
 * @returns a function that stops listening
 */
export function onLifecycle<K extends keyof LifecycleEvents>(
  kind: K,
  listener: LifecycleListener<K>,
  { isUsers = false }: { isUsers?: boolean } = {},
): () => void {
  const listeners = isUsers ? usersListeners : ownListeners;
  const ofKind = listeners.get(kind) ?? new Set();
  listeners.set(kind, ofKind);
  ofKind.add(listener);
  return () => ofKind.delete(listener);
}

/**
 * Tells every listener. A listener that throws is ignored: telling must never change what happens.
 *
 * @param scope - what the event belongs to, where that is not the code that runs now
 */
export function emitLifecycle<K extends keyof LifecycleEvents>(
  kind: K,
  event: LifecycleEvents[K],
  scope?: () => InvocationScope,
): void {
  tell(ownListeners, kind, event, null);
  if (isListenedToByUsers(kind)) tell(usersListeners, kind, event, scope?.() ?? currentScope());
}

function tell<K extends keyof LifecycleEvents>(
  listeners: Listeners,
  kind: K,
  event: LifecycleEvents[K],
  scope: InvocationScope | null,
): void {
  for (const listener of listeners.get(kind) ?? []) {
    try {
      (listener as LifecycleListener<K>)(event, scope);
    } catch {
      // A broken listener must not fail the job that it is told about.
    }
  }
}

/** @returns whether anybody would be told now, so that events that cost something to make are not made for nobody */
export function hasLifecycleListeners(kind: keyof LifecycleEvents): boolean {
  return (ownListeners.get(kind)?.size ?? 0) > 0 || isListenedToByUsers(kind);
}

/** What a listener does is not told to listeners: one that logs would be told of that for ever. */
function isListenedToByUsers(kind: keyof LifecycleEvents): boolean {
  return (usersListeners.get(kind)?.size ?? 0) > 0 && !currentScope()?.isListener;
}
