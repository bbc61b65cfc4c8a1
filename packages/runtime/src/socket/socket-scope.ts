import type { InvocationScope, PushTracker, TraceContext } from "../context/invocation-scope.js";
import { newTrace, parseTraceparent, parseXRayHeader } from "../context/trace.js";
import type { User } from "../http/http-request.js";
import { createPushTracker } from "../queue/push-tracker.js";

/** What the code that handles one event of a connection belongs to. What a handler never asks for is never made. */
export class SocketScope implements InvocationScope {
  readonly kind = "socket";
  readonly handler = "socket";
  readonly hops = 0;
  readonly job = null;
  readonly requestId: string;
  readonly connection: { id: string; isOpen: boolean } | null;
  /** As `authenticate` returned it. */
  known: User | null = null;
  readonly #headers: Record<string, string | undefined>;
  #trace: TraceContext | null = null;
  #pushes: PushTracker | null = null;
  #controller: AbortController | null = null;
  #isClosed = false;

  /**
   * @param connection - null: it has ended
   * @param headers - of the handshake
   */
  constructor(
    requestId: string,
    connection: { id: string; isOpen: boolean } | null,
    headers: Record<string, string | undefined> = {},
  ) {
    this.requestId = requestId;
    this.connection = connection;
    this.#headers = headers;
  }

  get user(): { id: string } | null {
    return this.known && { id: String(this.known.id) };
  }

  get trace(): TraceContext {
    this.#trace ??=
      parseTraceparent(this.#header("traceparent"), this.#header("tracestate")) ??
      parseXRayHeader(this.#header("x-amzn-trace-id")) ??
      newTrace();
    return this.#trace;
  }

  set trace(trace: TraceContext) {
    this.#trace = trace;
  }

  #header(name: string): string | undefined {
    for (const each in this.#headers) if (each.toLowerCase() === name) return this.#headers[each];
    return undefined;
  }

  get pushes(): PushTracker {
    if (!this.#pushes) {
      this.#pushes = createPushTracker();
      if (this.#isClosed) this.#pushes.close();
    }
    return this.#pushes;
  }

  /** Whether what the handler does still counts. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Made when somebody asks for it; aborted when the scope is closed. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isClosed) this.#controller.abort();
    return this.#controller.signal;
  }

  /** Resolves when what was pushed and sent is there; rejects with the first failure that nobody observed. */
  async settle(): Promise<void> {
    await this.#pushes?.settle();
  }

  /** From now on pushes and sends are refused, and the signal is aborted. */
  close(): void {
    this.#isClosed = true;
    this.#pushes?.close();
    this.#controller?.abort();
  }
}
