/** Follows a request through pushes and jobs (W3C trace context; X-Ray's header is derived from it). */
export type TraceContext = {
  /** 32 hex digits. */
  traceId: string;
  /** 16 hex digits: the span that what happens now is a child of. */
  spanId: string;
  sampled: boolean;
  /** The `tracestate` header that came with it, which belongs to whoever traces: it is handed on as it is. */
  state?: string;
};

/** Pushes made while a handler runs: its result waits for them. Implemented in queue/push-tracker.ts. */
export interface PushTracker {
  /**
   * Registers a push under way.
   *
   * @param wasObserved - whether anybody waits for its failure
   * @param of - how many messages it sends (default 1), and where to
   * @throws QR_HANDLER_ENDED after `close`, QR_TOO_MANY_PUSHES beyond the handler's `limits.pushes`
   */
  add(
    push: Promise<unknown>,
    wasObserved: () => boolean,
    of?: { queueName?: string; messages?: number },
  ): void;
  /** Resolves when all pushes so far are sent; rejects with the first failure that nobody observed. */
  settle(): Promise<void>;
  /** From now on pushes of this scope are refused. */
  close(): void;
  /** How many pushes were made. */
  readonly count: number;
}

/**
 * What the code that runs now belongs to: one HTTP request, one job, one call of `batch`, one scheduled run. It
 * travels along asynchronous calls, so that a push knows whose it is without being told.
 */
export type InvocationScope = {
  kind: "http" | "queue" | "schedule" | "socket" | "script";
  /** "GET /orders/:id", the queue's name, the schedule's name: how log lines are prefixed. */
  handler: string;
  requestId: string;
  /** Set when `authenticate` has answered; in a job, the user who pushed it. */
  user: { id: string } | null;
  trace: TraceContext | null;
  /** How many jobs stand between this run and the first push of the chain: 0 in an HTTP request. */
  hops: number;
  /** A job of a queue, or, with no queue, a run of a schedule. */
  job: { queueName: string | null; jobId: string; job: string; attempt: number } | null;
  pushes: PushTracker;
  /** In the socket's function: the connection that the event is about. `isOpen`: it can be sent to. */
  connection?: { id: string; isOpen: boolean } | null;
  /** A listener of `logger.on` runs: what it does is not told to listeners again. */
  isListener?: true;
};

// An ESM import of a Node module costs a cold start more than asking for it.
const { AsyncLocalStorage } = process.getBuiltinModule("node:async_hooks");
const storage = new AsyncLocalStorage<InvocationScope>();

/** Runs `body`, which is given the scope, so that it and everything it starts belong to `scope`. */
export function runInScope<S extends InvocationScope, T>(scope: S, body: (scope: S) => T): T {
  return storage.run(scope, body, scope);
}

/** @returns the scope of the code that runs now, or null outside of any handler */
export function currentScope(): InvocationScope | null {
  return storage.getStore() ?? null;
}
