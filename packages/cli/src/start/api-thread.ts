import type { Clock } from "../clock/clock.js";
import type { InstanceFunction } from "../dev/runner/instance.js";
import type { AnswerSink, DeathCause, Outcome } from "../dev/runner/outcome.js";
import type { SpawnWorker } from "../dev/runner/worker-thread.js";
import { payloadText } from "../dev/worker/payload-text.js";
import { toPortableError } from "../dev/worker/portable-error.js";
import type {
  FromWorker,
  InvocationPayload,
  PortableError,
  WorkerDefinition,
} from "../dev/worker/protocol.js";
import { STREAM_WINDOW_BYTES } from "../dev/worker/response-stream.js";

/** The runtime answers 504 by itself when a route's time is up; only what is beyond this is ended from outside. */
const DEADLINE_GRACE_MS = 100;
/** A thread that runs something says five times a second that it is alive, unless a handler blocks it. */
const SILENT_AFTER_MS = 1_000;
const BYTES_PER_MEGABYTE = 1024 ** 2;

export type ApiFunction = InstanceFunction & { memoryMegabytes: number };

export type ApiThreadPorts = {
  clock: Clock;
  spawn: SpawnWorker;
  output: (stream: "stdout" | "stderr", text: string) => void;
  /** It ended while it ran nothing: nobody else tells of it. */
  crashed: (error: PortableError) => void;
};

/** A worker thread that answers requests side by side, as a server of Node's does. */
export type ApiThread = {
  /** Requests that it answers now. */
  running(): number;
  ended(): boolean;
  /** It runs something, and has said nothing for a while: a handler blocks it. */
  silent(): boolean;
  /** Never rejects. */
  run(
    payload: InvocationPayload,
    answer: AnswerSink | null,
  ): { outcome: Promise<Outcome>; hangUp: () => void };
  /** Ends it at once; what it was running has died of `cause`. */
  end(cause: DeathCause): Promise<void>;
};

type Running = {
  resolve: (outcome: Outcome) => void;
  answer: AnswerSink | null;
  cancelDeadline: () => void;
  inWindow: number;
};

export function startApiThread(api: ApiFunction, ports: ApiThreadPorts): ApiThread {
  const { clock, spawn, output, crashed } = ports;
  const { memoryMegabytes } = api;
  const running = new Map<number, Running>();
  let invocations = 0;
  let heardMs = clock.now();
  let cause: DeathCause | null = null;
  let isOver = false;

  const thread = spawn({ memoryMegabytes }, { message: receive, exit: exited, output });
  const definition: WorkerDefinition = { function: api.function, instance: api.instance };
  thread.post({
    type: "define",
    definition: JSON.stringify(definition),
    memoryMegabytes,
    sqs: "http",
    claims: null,
  });
  // The first request should not be the one that waits for the API's code.
  thread.post({ type: "preload", modules: [] });

  function receive(message: FromWorker): void {
    if (isOver) return;
    heardMs = clock.now();
    switch (message.type) {
      case "alive":
        if (message.bufferBytes > memoryMegabytes * BYTES_PER_MEGABYTE)
          void end({ kind: "out-of-memory", memoryMegabytes });
        break;
      case "crashed":
        cause ??= { kind: "uncaught", type: message.kind, error: message.error };
        if (running.size === 0) crashed(message.error);
        break;
      case "returned":
        if (message.answer)
          running.get(message.id)?.answer?.answered(message.answer.head, message.answer.body);
        finish(message.id, { kind: "returned", value: message.value });
        break;
      case "failed":
        finish(message.id, { kind: "failed", error: message.error, told: message.told });
        break;
      case "answered":
        running.get(message.id)?.answer?.answered(message.answer.head, message.answer.body);
        break;
      case "head":
        running.get(message.id)?.answer?.head(message.head);
        break;
      case "chunk":
        chunk(message.id, message.bytes);
        break;
      case "end":
        running.get(message.id)?.answer?.end();
    }
  }

  function chunk(id: number, bytes: Uint8Array): void {
    const request = running.get(id);
    if (!request) return;
    const slow = request.answer?.chunk(bytes);
    request.inWindow += bytes.length;
    if (request.inWindow < STREAM_WINDOW_BYTES) return;
    request.inWindow = 0;
    const resume = (): void => thread.post({ type: "resume", id });
    if (slow) void slow.then(resume);
    else resume();
  }

  function finish(id: number, outcome: Outcome): void {
    const request = running.get(id);
    if (!request) return;
    running.delete(id);
    request.cancelDeadline();
    request.resolve(outcome);
    // Node keeps a module that failed to load as failed: only a new thread can load it again.
    if (outcome.kind === "failed") void end({ kind: "stopped" });
  }

  /** The others on the thread go on, unless a handler blocks it: then nothing on it can. */
  function timeIsUp(id: number, death: DeathCause): void {
    if (isSilent()) void end(death);
    else {
      hangUp(id);
      finish(id, { kind: "died", cause: death });
    }
  }

  function isSilent(): boolean {
    return running.size > 0 && clock.now() - heardMs >= SILENT_AFTER_MS;
  }

  function hangUp(id: number): void {
    if (running.has(id) && !isOver) thread.post({ type: "hangup", id });
  }

  function exited({
    code,
    outOfMemory,
    error,
  }: {
    code: number;
    outOfMemory: boolean;
    error: unknown;
  }): void {
    if (outOfMemory) cause = { kind: "out-of-memory", memoryMegabytes };
    else if (error) cause ??= { kind: "uncaught", type: "uncaughtException", error: toPortableError(error) };
    gone(cause ?? { kind: "exit", exitCode: code });
  }

  function gone(death: DeathCause): void {
    if (isOver) return;
    isOver = true;
    for (const id of [...running.keys()]) finish(id, { kind: "died", cause: death });
  }

  async function end(death: DeathCause): Promise<void> {
    cause ??= death;
    gone(cause);
    await thread.terminate();
  }

  return {
    running: () => running.size,
    ended: () => isOver || cause !== null,
    silent: isSilent,
    run(payload, answer) {
      const id = ++invocations;
      const { timeoutSeconds } = api;
      const nowMs = clock.now();
      if (running.size === 0) heardMs = nowMs;
      const deadlineMs = timeoutSeconds === null ? null : nowMs + timeoutSeconds * 1_000;
      const outcome = new Promise<Outcome>((resolve) => {
        const cancelDeadline =
          deadlineMs === null || timeoutSeconds === null
            ? () => {}
            : clock.at(deadlineMs + DEADLINE_GRACE_MS, () =>
                timeIsUp(id, { kind: "deadline", timeoutSeconds }),
              );
        running.set(id, { resolve, answer, cancelDeadline, inWindow: 0 });
        if (isOver) finish(id, { kind: "died", cause: cause ?? { kind: "stopped" } });
        else
          thread.post({ type: "invoke", id, claimAt: null, timeoutSeconds, payload: payloadText(payload) });
      });
      return { outcome, hangUp: () => hangUp(id) };
    },
    end,
  };
}
