import type { EventSourceLabel } from "@queue-run/runtime/instance";
import type { Clock } from "../../clock/clock.js";
import { ProjectProblemsError } from "../../errors/project-errors.js";
import { toPortableError } from "../worker/portable-error.js";
import type {
  FromWorker,
  PortableError,
  ToWorker,
  WorkerDefinition,
  WorkerEvent,
} from "../worker/protocol.js";
import { STREAM_WINDOW_BYTES } from "../worker/response-stream.js";
import { definitionText } from "./definition-text.js";
import type { AnswerSink, DeathCause, Outcome } from "./outcome.js";
import type { SpawnWorker, WorkerThread } from "./worker-thread.js";

/** How long after its function's time is up a worker is ended: the runtime's own report may be on its way. */
const DEADLINE_GRACE_MS = 100;
const BYTES_PER_MEGABYTE = 1024 ** 2;

export type InstancePorts = {
  clock: Clock;
  spawn: SpawnWorker;
  /** The module of a source file, made if it is not there yet. */
  moduleUrl: (file: string) => Promise<string>;
  /** Stops keeping messages invisible: the worker's runtime sets their visibility itself. */
  letGo?: (messageIds: string[]) => Promise<void>;
};

export type InstanceFunction = WorkerDefinition & {
  /** Null: not timed (under a debugger). */
  timeoutSeconds: number | null;
};

export type InvocationPayload = Extract<ToWorker, { type: "invoke" }>["payload"];

type Running = {
  id: number;
  resolve: (outcome: Outcome) => void;
  answer: AnswerSink | null;
  cancelDeadline: () => void;
  inWindow: number;
  sinceMs: number;
};

/** A worker thread and the one invocation it runs. */
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
  #toldFunction: string | null = null;
  #running: Running | null = null;
  #invocations = 0;
  #heardMs = 0;
  #ended = false;
  #deathCause: DeathCause | null = null;
  #setReady: () => void = () => {};

  constructor(memoryMegabytes: number, ports: InstancePorts) {
    this.memoryMegabytes = memoryMegabytes;
    this.#ports = ports;
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
    return this.#running !== null;
  }

  /** The share of the time since this was last asked that it was computing, not waiting: 0 to 1. */
  utilization(): number {
    return this.#thread.utilization();
  }

  /** When the invocation that it runs began, in milliseconds since 1970. */
  get busySinceMs(): number | null {
    return this.#running?.sinceMs ?? null;
  }

  /** When its invocation began, or when it last said that it is alive, in milliseconds since 1970. */
  get heardMs(): number {
    return Math.max(this.#heardMs, this.#running?.sinceMs ?? 0);
  }

  /**
   * Makes it an instance of a function; once.
   *
   * @param preload - files to load ahead of the first event: what was just saved
   */
  define(definition: InstanceFunction, preload: string[]): void {
    this.#function = definition;
    this.foretell(definition);
    if (preload.length > 0) void this.#preload(definition.function.index, preload);
  }

  /** Tells a worker that has time which function it will probably be: with hundreds of routes that takes a while. */
  foretell(definition: InstanceFunction): void {
    const text = definitionText(definition);
    if (text === this.#toldFunction) return;
    this.#toldFunction = text;
    this.#thread.post({ type: "define", definition: text, memoryMegabytes: this.memoryMegabytes });
  }

  /** Tells the worker what to load before it asks: a message less each way between a save and the new behaviour. */
  async #preload(index: string | null, files: string[]): Promise<void> {
    try {
      const modules = await Promise.all(
        [index ?? [], files].flat().map(async (file) => ({ file, url: await this.#ports.moduleUrl(file) })),
      );
      if (!this.#ended) this.#thread.post({ type: "preload", modules });
    } catch {
      // Whatever is wrong with it, the first event that needs it will say so.
    }
  }

  /**
   * Runs one invocation. Never rejects.
   *
   * @param answer - takes the answer of an HTTP invocation
   */
  invoke(
    payload: InvocationPayload,
    answer: AnswerSink | null,
  ): { outcome: Promise<Outcome>; hangUp: () => void } {
    const id = ++this.#invocations;
    const timeoutSeconds = this.#function?.timeoutSeconds ?? null;
    const sinceMs = this.#ports.clock.now();
    const deadlineMs = timeoutSeconds === null ? null : sinceMs + timeoutSeconds * 1000;
    const outcome = new Promise<Outcome>((resolve) => {
      const cancelDeadline =
        deadlineMs === null || timeoutSeconds === null
          ? () => {}
          : this.#ports.clock.at(deadlineMs + DEADLINE_GRACE_MS, () =>
              this.end({ kind: "deadline", timeoutSeconds }),
            );
      this.#running = { id, resolve, answer, cancelDeadline, inWindow: 0, sinceMs };
      if (this.#ended) this.#finish({ kind: "died", cause: this.#deathCause ?? { kind: "stopped" } });
      else this.#thread.post({ type: "invoke", id, deadlineMs, payload });
    });
    return { outcome, hangUp: () => this.#running?.id === id && this.#thread.post({ type: "hangup", id }) };
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
        this.onEvents(message.events);
        break;
      case "module":
        void this.#answerModule(message.request, message.file);
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
        if (this.#running?.id === message.id) this.#progress(this.#running, message);
    }
  }

  #progress(running: Running, message: Extract<FromWorker, { id: number }>): void {
    switch (message.type) {
      case "returned":
        if (message.events.length > 0) this.onEvents(message.events);
        if (message.answer) running.answer?.answered(message.answer.head, message.answer.body);
        this.#finish({ kind: "returned", value: message.value });
        break;
      case "failed":
        this.#finish({ kind: "failed", error: message.error, told: message.told });
        break;
      case "answered":
        running.answer?.answered(message.answer.head, message.answer.body);
        break;
      case "head":
        running.answer?.head(message.head);
        break;
      case "chunk":
        this.#chunk(running, message.bytes);
        break;
      case "end":
        running.answer?.end();
    }
  }

  #chunk(running: Running, bytes: Uint8Array): void {
    const slow = running.answer?.chunk(bytes);
    running.inWindow += bytes.length;
    if (running.inWindow < STREAM_WINDOW_BYTES) return;
    running.inWindow = 0;
    const resume = (): void => this.#thread.post({ type: "resume", id: running.id });
    if (slow) void slow.then(resume);
    else resume();
  }

  #crashed(cause: Extract<DeathCause, { kind: "uncaught" }>): void {
    this.#deathCause ??= cause;
    if (this.#running) return;
    // The invocation that left it behind has ended: nobody else would tell of it, or must get this worker now.
    this.onEvents([{ kind: "error", error: cause.error, source: this.#source() }]);
    void this.end(cause);
  }

  #source(): EventSourceLabel {
    const running = this.#function?.function;
    const queueName =
      running?.kind === "queue" ? running.name : running?.kind === "built" ? running.queueName : null;
    return {
      handler: running?.kind === "schedule" ? running.name : (queueName ?? "api"),
      requestId: null,
      queueName,
      jobId: null,
      attempt: null,
      traceId: null,
    };
  }

  async #answerModule(request: number, file: string): Promise<void> {
    let url: string | null = null;
    let error: PortableError | null = null;
    try {
      url = await this.#ports.moduleUrl(file);
    } catch (thrown) {
      error = toPortableError(thrown);
      if (thrown instanceof ProjectProblemsError)
        error = {
          ...error,
          stack: null,
          fix: "Save the file when it is mended: the next event loads it again.",
        };
    }
    if (!this.#ended) this.#thread.post({ type: "module", request, url, error });
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
    this.#setReady();
    this.#finish({ kind: "died", cause });
    this.onExit();
  }

  #finish(outcome: Outcome): void {
    const running = this.#running;
    if (!running) return;
    this.#running = null;
    running.cancelDeadline();
    running.resolve(outcome);
  }
}
