import type { EventSourceLabel } from "@queue-run/runtime/instance";
import type { Clock } from "../../clock/clock.js";
import type { LocalServices } from "../services/local-services.js";
import { payloadText } from "../worker/payload-text.js";
import { toPortableError } from "../worker/portable-error.js";
import type {
  EventsText,
  FromWorker,
  InvocationPayload,
  WorkerDefinition,
  WorkerEvent,
} from "../worker/protocol.js";
import { definitionText } from "./definition-text.js";
import { Invocation, type InvocationMessage } from "./invocation.js";
import { answerModule, type ModuleUrl, preloadOf } from "./module-supply.js";
import type { AnswerSink, DeathCause, Outcome } from "./outcome.js";
import { relayServices, type ServiceRelay } from "./service-relay.js";
import { Turns } from "./turns.js";
import type { SpawnWorker, WorkerThread } from "./worker-thread.js";

const BYTES_PER_MEGABYTE = 1024 ** 2;

export type InstancePorts = {
  clock: Clock;
  spawn: SpawnWorker;
  moduleUrl: ModuleUrl;
  /** What workers reach through their port; null where nothing is there. Asked when one gets its function. */
  services: () => LocalServices | null;
  /** Called whenever a worker is given something to do. */
  onGiven?: () => void;
  /** Stops keeping messages invisible: the worker's runtime sets their visibility itself. */
  letGo?: (messageIds: string[]) => Promise<void>;
};

export type InstanceFunction = WorkerDefinition & {
  /** Null: not timed (under a debugger). */
  timeoutSeconds: number | null;
};

/** A worker thread, the one invocation it runs, and the one that it runs next. */
export class Instance {
  readonly memoryMegabytes: number;
  /** Resolves when the runtime is loaded, or when the worker has ended before that. */
  readonly ready: Promise<void>;
  /** Told once, when the thread is gone. */
  onExit: () => void = () => {};
  onEvents: (events: WorkerEvent[]) => void = () => {};
  onOutput: (stream: "stdout" | "stderr", text: string) => void = () => {};

  readonly #ports: InstancePorts;
  readonly #thread: WorkerThread;
  #function: InstanceFunction | null = null;
  #services: ServiceRelay | null = null;
  readonly #turns: Turns;
  #toldFunction: string | null = null;
  #invocations = 0;
  #heardMs = 0;
  #ended = false;
  #deathCause: DeathCause | null = null;
  #setReady: () => void = () => {};

  constructor(memoryMegabytes: number, ports: InstancePorts) {
    this.memoryMegabytes = memoryMegabytes;
    this.#ports = ports;
    this.#turns = new Turns(
      ports.clock,
      (timeoutSeconds) => void this.end({ kind: "deadline", timeoutSeconds }),
    );
    this.ready = new Promise((resolve) => {
      this.#setReady = resolve;
    });
    this.#thread = ports.spawn(
      { memoryMegabytes },
      {
        message: (message) => this.#receive(message),
        exit: (end) => this.#exited(end),
        output: (stream, text) => this.onOutput(stream, text),
      },
    );
  }

  get ended(): boolean {
    return this.#ended;
  }

  get busy(): boolean {
    return this.#turns.running !== null;
  }

  /** The share of the time since this was last asked that it was computing, not waiting: 0 to 1. */
  utilization(): number {
    return this.#thread.utilization();
  }

  /** When the invocation that it runs began, in milliseconds since 1970. */
  get busySinceMs(): number | null {
    return this.#turns.running?.sinceMs ?? null;
  }

  /** When the invocation was posted that waits for its turn. */
  get nextSinceMs(): number | null {
    return this.#turns.next?.sinceMs ?? null;
  }

  /** When its invocation began, or when it last said that it is alive, in milliseconds since 1970. */
  get heardMs(): number {
    return Math.max(this.#heardMs, this.#turns.running?.sinceMs ?? 0);
  }

  /**
   * Makes it an instance of a function; once.
   *
   * @param preload - files to load ahead of the first event: what was just saved
   */
  define(definition: InstanceFunction, preload: string[]): void {
    this.#function = definition;
    this.foretell(definition);
    const { index } = definition.function;
    if (preload.length > 0) void this.#preload(index === null ? preload : [index, ...preload]);
  }

  /** Tells a worker that has time which function it will probably be: with hundreds of routes that takes a while. */
  foretell(definition: InstanceFunction): void {
    const text = definitionText(definition);
    if (text === this.#toldFunction) return;
    this.#toldFunction = text;
    const services = this.#ports.services();
    if (services)
      this.#services ??= relayServices(services.ask, (answers) =>
        this.#thread.post({ type: "aws", answers }),
      );
    this.#thread.post({
      type: "define",
      definition: text,
      memoryMegabytes: this.memoryMegabytes,
      sqs: services?.hasSqs ? "port" : "http",
      claims: this.#turns.claims,
    });
  }

  async #preload(files: string[]): Promise<void> {
    const message = await preloadOf(this.#ports.moduleUrl, files);
    if (message && !this.#ended) this.#thread.post(message);
  }

  /**
   * Runs one invocation; while it runs one, the next, which must be of a queue: the worker begins it without a message
   * in between, and until then it can be taken back.
   *
   * @param answer - takes the answer of an HTTP invocation
   * @returns `outcome`: null when it never began, because it was taken back, or the worker ended before
   */
  invoke(
    payload: InvocationPayload,
    answer: AnswerSink | null,
  ): { outcome: Promise<Outcome | null>; hangUp: () => void } {
    const id = ++this.#invocations;
    const timeoutSeconds = this.#function?.timeoutSeconds ?? null;
    const invocation = new Invocation(id, this.#ports.clock.now(), answer, () =>
      this.#thread.post({ type: "resume", id }),
    );
    const claimAt = this.#turns.add(invocation, timeoutSeconds);
    if (this.#ended) this.#turns.end({ kind: "died", cause: this.#deathCause ?? { kind: "stopped" } });
    else {
      this.#thread.post({ type: "invoke", id, claimAt, timeoutSeconds, payload: payloadText(payload) });
      this.#ports.onGiven?.();
    }
    return {
      outcome: invocation.outcome,
      hangUp: () => this.#turns.running === invocation && this.#thread.post({ type: "hangup", id }),
    };
  }

  /** Takes the next invocation back, which then never began here. Returns false when there is none, or it has begun. */
  takeBack(): boolean {
    return this.#turns.takeBack();
  }

  /** Ends the thread at once; what it was running has died of `cause`. */
  async end(cause: DeathCause): Promise<void> {
    this.#deathCause ??= cause;
    // A thread's last moments can take long on a busy machine; nobody should wait for what it ran.
    this.#gone(this.#deathCause);
    await this.#thread.terminate();
  }

  #receive(message: FromWorker): void {
    if (this.#ended) return;
    switch (message.type) {
      case "ready":
        this.#setReady();
        break;
      case "events":
        this.#tell(message.events);
        break;
      case "aws":
        this.#services?.ask(message.requests);
        break;
      case "module":
        void answerModule(this.#ports.moduleUrl, message).then((answer) => {
          if (!this.#ended) this.#thread.post(answer);
        });
        break;
      case "letGo":
        void this.#letGo(message.request, message.messageIds);
        break;
      case "alive":
        this.#heardMs = this.#ports.clock.now();
        if (message.bufferBytes > this.memoryMegabytes * BYTES_PER_MEGABYTE)
          void this.end({ kind: "out-of-memory", memoryMegabytes: this.memoryMegabytes });
        break;
      case "crashed":
        this.#crashed({ kind: "uncaught", type: message.kind, error: message.error });
        break;
      default:
        if (this.#turns.running?.id === message.id) this.#progress(this.#turns.running, message);
    }
  }

  #progress(running: Invocation, message: InvocationMessage): void {
    if (message.type === "returned") this.#tell(message.events);
    const outcome = running.receive(message);
    if (outcome) this.#turns.end(outcome);
  }

  #tell(events: EventsText): void {
    if (events !== "") this.onEvents(JSON.parse(events) as WorkerEvent[]);
  }

  #crashed(cause: Extract<DeathCause, { kind: "uncaught" }>): void {
    this.#deathCause ??= cause;
    if (this.#turns.running) return;
    // The invocation that left it behind has ended: nobody else would tell of it, or must get this worker now.
    this.onEvents([{ kind: "error", error: cause.error, source: this.#source() }]);
    void this.end(cause);
  }

  #source(): EventSourceLabel {
    const running = this.#function?.function;
    const queueName =
      running?.kind === "queue" ? running.name : running?.kind === "built" ? running.queueName : null;
    return {
      handler:
        running?.kind === "schedule"
          ? running.name
          : (queueName ?? (running?.kind === "socket" ? "socket" : "api")),
      requestId: null,
      queueName,
      jobId: null,
      attempt: null,
      traceId: null,
    };
  }

  async #letGo(request: number, messageIds: string[]): Promise<void> {
    await this.#ports.letGo?.(messageIds);
    if (!this.#ended) this.#thread.post({ type: "letGone", request });
  }

  #exited({ code, outOfMemory, error }: { code: number; outOfMemory: boolean; error: unknown }): void {
    if (outOfMemory) this.#deathCause = { kind: "out-of-memory", memoryMegabytes: this.memoryMegabytes };
    else if (error)
      this.#deathCause ??= { kind: "uncaught", type: "uncaughtException", error: toPortableError(error) };
    this.#gone(this.#deathCause ?? { kind: "exit", exitCode: code });
  }

  #gone(cause: DeathCause): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#services?.end();
    this.#setReady();
    this.#turns.end({ kind: "died", cause });
    this.onExit();
  }
}
