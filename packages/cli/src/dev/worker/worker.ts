import { parentPort, workerData } from "node:worker_threads";
import { configureInstance } from "@queue-run/runtime/instance";
import { createStreamingHttpHandler } from "@queue-run/runtime/lambda/http";
import { createQueueHandler, type UserModule } from "@queue-run/runtime/lambda/queue";
import { type Claims, claim } from "./claim.js";
import { lambdaContext } from "./lambda-context.js";
import { forwardLifecycle } from "./lifecycle-forwarding.js";
import { loadModule } from "./load-module.js";
import { parsePayload } from "./payload-text.js";
import { portTransport, throughPort } from "./port-transport.js";
import { toPortableError } from "./portable-error.js";
import type { EventsText, FromWorker, ToWorker, WorkerDefinition, WorkerFunction } from "./protocol.js";
import { awslambda, ResponseStream } from "./response-stream.js";
import { scheduleInvoker } from "./schedule-invoker.js";
import { socketInvoker } from "./socket-invoker.js";
import { toSqsEvent } from "./sqs-event.js";
import { takeMessages } from "./take-messages.js";
import { warmUp } from "./warm-up.js";

/**
 * One execution environment, as Lambda has them: a worker thread that becomes an instance of one function and runs its
 * invocations one at a time, through the entry points that run on Lambda. It starts before its function is known, so
 * that the runtime is loaded when the first event, or a saved file, needs it.
 */
if (!parentPort)
  throw new Error("The development worker runs in a worker thread; it is started by `queue-run dev`.");
const port = parentPort;
const { colors } = workerData as { colors: boolean };

type Invocation = Extract<ToWorker, { type: "invoke" }>;
type Definition = Extract<ToWorker, { type: "define" }>;

const post = (message: FromWorker, transfer?: ArrayBuffer[]): void => port.postMessage(message, transfer);
/** Of what happens while it warms up, nobody is told. */
let isTold = true;
const lifecycle = forwardLifecycle(() => {
  if (isTold) flushEvents();
}, colors);
function flushEvents(): void {
  const events = takeEvents();
  if (events !== "") post({ type: "events", events });
}
function takeEvents(): EventsText {
  const events = lifecycle.take();
  return events.length > 0 ? JSON.stringify(events) : "";
}
const services = portTransport((requests) => post({ type: "aws", requests }));

let invoke: (invocation: Invocation) => Promise<void> = () =>
  Promise.reject(new Error("The worker was invoked before it was given its function."));
const streams = new Map<number, ResponseStream>();
/** How often it says that it is alive, while it runs something. */
const ALIVE_EVERY_MS = 200;
let isRunning = false;
let claims: Claims | null = null;
/** Posted ahead of its turn. A later one takes its place: then it was taken back. */
let next: Invocation | null = null;

const modules = new Map<number, { resolve: (url: string) => void; reject: (error: unknown) => void }>();
let moduleRequests = 0;

const loads = new Map<string, Promise<UserModule>>();
/** The project's OpenTelemetry, where it has one. */
let connecting: Promise<void> | null = null;

/**
 * Loads a source file's module, once; one that failed is tried again.
 *
 * @param url - of the module; null: asked for
 */
function loadFile(file: string, url: string | null = null): Promise<UserModule> {
  let load = loads.get(file);
  if (!load) {
    const loadNow = () => (url === null ? requestModule(file) : loadModule(url));
    load = connecting ? connecting.then(loadNow) : loadNow();
    loads.set(file, load);
    load.catch(() => loads.delete(file));
  }
  return load;
}

async function requestModule(file: string): Promise<UserModule> {
  const request = ++moduleRequests;
  const url = await new Promise<string>((resolve, reject) => {
    modules.set(request, { resolve, reject });
    post({ type: "module", request, file });
  });
  return loadModule(url);
}

function define({ definition: text, memoryMegabytes, sqs: way, claims: shared }: Definition): void {
  claims = shared;
  const { function: definition, instance } = JSON.parse(text) as WorkerDefinition;
  if (definition.kind === "built") throw new Error("Functions that are built run in the worker of `start`.");
  configureInstance(throughPort(instance, services, way));
  if (instance.openTelemetry !== undefined)
    connecting = import("./connect-open-telemetry.js").then(({ connectProjectTelemetry }) =>
      connectProjectTelemetry(instance.openTelemetry ?? ""),
    );
  const { kind } = definition;
  const context = lambdaContext(nameOf(definition), memoryMegabytes);
  if (kind === "queue") invoke = queueInvoker(definition, context);
  else if (kind === "schedule") invoke = runInvoker(definition, context);
  else if (kind === "socket") invoke = connectionInvoker(definition, context);
  else invoke = httpInvoker(definition, context);
}

/** A function's name as it ends on AWS: "queue-emails", "api". */
function nameOf(definition: Exclude<WorkerFunction, { kind: "built" }>): string {
  if (definition.kind === "http") return "api";
  return definition.kind === "socket" ? "socket" : `${definition.kind}-${definition.name}`;
}

/** Loads what was just saved ahead of the first event, in the order in which an event would. */
async function loadAhead(modules: { file: string; url: string }[]): Promise<void> {
  try {
    for (const { file, url } of modules) await loadFile(file, url);
  } catch {
    // Whatever is wrong with it, the first event that needs it will say so.
  }
}

function queueInvoker(
  definition: Extract<WorkerFunction, { kind: "queue" }>,
  contextOf: ReturnType<typeof lambdaContext>,
): typeof invoke {
  const { name, fifo, settings, file, index } = definition;
  const handler = createQueueHandler({
    name,
    fifo,
    settings,
    load: () => loadFile(file),
    ...(index !== null && { loadIndex: () => loadFile(index) }),
  });
  return async ({ id, timeoutSeconds, payload: text }) => {
    const deadlineMs = deadlineIn(timeoutSeconds);
    const payload = parsePayload(text);
    if (payload.kind !== "queue")
      throw new Error(`A queue's worker was sent an event of kind "${payload.kind}".`);
    const event = toSqsEvent(payload.delivery) as unknown as Parameters<typeof handler>[0];
    const value: unknown = await handler(event, contextOf(payload.delivery.requestId, deadlineMs));
    post({ type: "returned", id, value, answer: null, events: takeEvents() });
  };
}

function runInvoker(
  definition: Extract<WorkerFunction, { kind: "schedule" }>,
  contextOf: ReturnType<typeof lambdaContext>,
): typeof invoke {
  const run = scheduleInvoker(definition, loadFile);
  return async ({ id, timeoutSeconds, payload: text }) => {
    const deadlineMs = deadlineIn(timeoutSeconds);
    const payload = parsePayload(text);
    if (payload.kind !== "schedule")
      throw new Error(`A schedule's worker was sent an event of kind "${payload.kind}".`);
    const value = await run(payload.input, contextOf(payload.requestId, deadlineMs));
    post({ type: "returned", id, value, answer: null, events: takeEvents() });
  };
}

function connectionInvoker(
  definition: Extract<WorkerFunction, { kind: "socket" }>,
  contextOf: ReturnType<typeof lambdaContext>,
): typeof invoke {
  const answer = socketInvoker(definition, loadFile);
  return async ({ id, timeoutSeconds, payload: text }) => {
    const deadlineMs = deadlineIn(timeoutSeconds);
    const payload = parsePayload(text);
    if (payload.kind !== "socket")
      throw new Error(`The socket's worker was sent an event of kind "${payload.kind}".`);
    const value = await answer(payload.event, contextOf(payload.event.requestContext.requestId, deadlineMs));
    post({ type: "returned", id, value, answer: null, events: takeEvents() });
  };
}

function httpInvoker(
  definition: Extract<WorkerFunction, { kind: "http" }>,
  contextOf: ReturnType<typeof lambdaContext>,
): typeof invoke {
  const { routes, index } = definition;
  const handler = createStreamingHttpHandler({
    routes,
    load: (file) => loadFile(file),
    ...(index !== null && { loadIndex: () => loadFile(index) }),
  });
  return async ({ id, timeoutSeconds, payload: text }) => {
    const deadlineMs = deadlineIn(timeoutSeconds);
    const payload = parsePayload(text);
    if (payload.kind !== "http")
      throw new Error(`The API's worker was sent an event of kind "${payload.kind}".`);
    const stream = new ResponseStream(id, post);
    streams.set(id, stream);
    stream.on("error", () => {
      // The client hung up: whoever writes to the stream has been told.
    });
    try {
      await handler(payload.event, stream, contextOf(payload.event.requestContext.requestId, deadlineMs));
      if (!stream.writableEnded) stream.end();
      post({ type: "returned", id, value: null, answer: stream.takeAnswer(), events: takeEvents() });
    } finally {
      streams.delete(id);
    }
  };
}

function deadlineIn(timeoutSeconds: number | null): number | null {
  return timeoutSeconds === null ? null : Date.now() + timeoutSeconds * 1000;
}

async function run(invocation: Invocation): Promise<void> {
  const { id, claimAt } = invocation;
  if (claimAt !== null && !(claims && claim(claims, claimAt, id))) return;
  isRunning = true;
  try {
    await invoke(invocation);
  } catch (error) {
    // The code cannot be loaded: what was posted ahead is left for another worker to claim.
    next = null;
    flushEvents();
    post({
      type: "failed",
      id,
      error: toPortableError(error),
      told: lifecycle.wasTold(error),
    });
  }
  isRunning = false;
  const following = next;
  next = null;
  if (following) void run(following);
}

function receive(message: ToWorker): void {
  switch (message.type) {
    case "define":
      define(message);
      return;
    case "preload":
      void loadAhead(message.modules);
      return;
    case "invoke":
      if (isRunning) next = message;
      else void run(message);
      return;
    case "aws":
      services.answered(message.answers);
      return;
    case "module": {
      const waiting = modules.get(message.request);
      modules.delete(message.request);
      if (message.url !== null) waiting?.resolve(message.url);
      else waiting?.reject(Object.assign(new Error(message.error?.message), message.error));
      return;
    }
    case "resume":
      streams.get(message.id)?.resume();
      return;
    case "hangup":
      streams.get(message.id)?.destroy(new Error("The client closed the connection."));
  }
}

// Lambda's Node runtime ends the environment on either.
for (const kind of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(kind, (error: unknown) => {
    flushEvents();
    post({ type: "crashed", kind, error: toPortableError(error) });
    process.exit(1);
  });
}
process.on("exit", flushEvents);

setInterval(() => {
  if (isRunning) post({ type: "alive", bufferBytes: process.memoryUsage().arrayBuffers });
}, ALIVE_EVERY_MS).unref();

Object.assign(globalThis, { awslambda });
// For the project's code, not for our own, which is loaded.
process.setSourceMapsEnabled(true);
takeMessages(port, receive, async () => {
  isTold = false;
  await warmUp().catch(() => {
    // The first event takes longer, then, and says what is wrong.
  });
  lifecycle.take();
  isTold = true;
});
post({ type: "ready" });
