import type { InvocationScope, PushTracker, TraceContext } from "../context/invocation-scope.js";
import type { JobEvent } from "../log/lifecycle-events.js";
import { createPushTracker } from "../queue/push-tracker.js";

/** A run, as far as its scope knows it. */
type ScopedRun = {
  name: string;
  jobId: string;
  attempt: number;
  maxAttempts: number;
  requestId: string;
  trace: TraceContext;
};

/** What the code of a scheduled run belongs to. What a handler never asks for is never made. */
export class ScheduleScope implements InvocationScope {
  readonly kind = "schedule";
  readonly user = null;
  readonly hops = 0;
  readonly #run: ScopedRun;
  #pushes: PushTracker | null = null;
  #isClosed = false;
  trace: TraceContext;

  constructor(run: ScopedRun) {
    this.#run = run;
    this.trace = run.trace;
  }

  get handler(): string {
    return this.#run.name;
  }

  get requestId(): string {
    return this.#run.requestId;
  }

  get job(): InvocationScope["job"] {
    const { jobId, attempt } = this.#run;
    return { queueName: null, jobId, job: "default", attempt };
  }

  get pushes(): PushTracker {
    if (!this.#pushes) {
      this.#pushes = createPushTracker();
      if (this.#isClosed) this.#pushes.close();
    }
    return this.#pushes;
  }

  /** Resolves when what was pushed is sent; rejects with the first failure that nobody observed. */
  async settlePushes(): Promise<void> {
    await this.#pushes?.settle();
  }

  /** From now on pushes are refused. */
  close(): void {
    this.#isClosed = true;
    this.#pushes?.close();
  }
}

/** @returns what logs and listeners are told of a run */
export function toRunEvent({ name, jobId, attempt, maxAttempts, requestId, trace }: ScopedRun): JobEvent {
  const { traceId } = trace;
  const source = { handler: name, requestId, queueName: null, jobId, attempt, traceId };
  return {
    queueName: null,
    scheduleName: name,
    jobId,
    job: "default",
    groupId: null,
    attempt,
    maxAttempts,
    source,
  };
}
