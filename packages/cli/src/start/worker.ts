import { pathToFileURL } from "node:url";
import { parentPort } from "node:worker_threads";
import type { StreamingHttpHandler } from "@queue-run/runtime/lambda/http";
import type { QueueLambdaHandler } from "@queue-run/runtime/lambda/queue";
import { type Claims, claim } from "../dev/worker/claim.js";
import { lambdaContext } from "../dev/worker/lambda-context.js";
import { parsePayload } from "../dev/worker/payload-text.js";
import { toPortableError } from "../dev/worker/portable-error.js";
import type { BuiltFunction, FromWorker, ToWorker, WorkerDefinition } from "../dev/worker/protocol.js";
import { awslambda, ResponseStream } from "../dev/worker/response-stream.js";
import { toSqsEvent } from "../dev/worker/sqs-event.js";

/**
 * One execution environment of `queue-run start`, as Lambda has them: a worker thread that becomes an instance of one
 * built function and runs its invocations through the very module that Lambda would load: a queue's one at a time, the API's side by side.
 */
if (!parentPort) throw new Error("This worker runs in a worker thread; it is started by `queue-run start`.");
const port = parentPort;

type Invocation = Extract<ToWorker, { type: "invoke" }>;
type Definition = Extract<ToWorker, { type: "define" }>;

/** How often it says that it is alive, while it runs something. */
const ALIVE_EVERY_MS = 200;

const post = (message: FromWorker, transfer?: ArrayBuffer[]): void => port.postMessage(message, transfer);
let invoke: (invocation: Invocation) => Promise<void> = () =>
  Promise.reject(new Error("The worker was invoked before it was given its function."));
/** The function's handler; its code is loaded once. */
let loaded: () => Promise<unknown> = () =>
  Promise.reject(new Error("The worker was asked for its handler before it was given its function."));
let running = 0;
let claims: Claims | null = null;
/** Posted ahead of its turn. A later one takes its place: then it was taken back. */
let next: Invocation | null = null;

const streams = new Map<number, ResponseStream>();
const lettingGo = new Map<number, () => void>();
let letGoRequests = 0;

const messageKeeper = {
  letGo: (messageIds: string[]): Promise<void> =>
    new Promise((resolve) => {
      const request = ++letGoRequests;
      lettingGo.set(request, resolve);
      post({ type: "letGo", request, messageIds });
    }),
};

function define({ definition: text, memoryMegabytes, claims: shared }: Definition): void {
  claims = shared;
  const { function: definition } = JSON.parse(text) as WorkerDefinition;
  if (definition.kind !== "built") throw new Error("This worker runs functions that are built.");
  const contextOf = lambdaContext(definition.functionName, memoryMegabytes);
  // Not before it is needed: a spare worker may be told of one function, and then be given another.
  let loading: Promise<unknown> | null = null;
  loaded = () => {
    loading ??= load(definition);
    return loading;
  };
  invoke = definition.queueName === null ? httpInvoker(contextOf) : queueInvoker(contextOf);
}

async function load({ file }: BuiltFunction): Promise<unknown> {
  const { handler } = (await import(pathToFileURL(file).href)) as { handler?: unknown };
  if (typeof handler !== "function") throw new Error(`${file} exports no handler: build the project again.`);
  return handler;
}

/** What the runtime failed with, has logged, and has set the messages' return for: code that cannot be loaded. */
let lastTold: unknown = null;

function queueInvoker(contextOf: ReturnType<typeof lambdaContext>): typeof invoke {
  return async ({ id, timeoutSeconds, payload: text }) => {
    const deadlineMs = deadlineIn(timeoutSeconds);
    const payload = parsePayload(text);
    if (payload.kind !== "queue")
      throw new Error(`A queue's worker was sent an event of kind "${payload.kind}".`);
    const handler = (await loaded()) as QueueLambdaHandler;
    const event = toSqsEvent(payload.delivery) as unknown as Parameters<QueueLambdaHandler>[0];
    const context = { ...contextOf(payload.delivery.requestId, deadlineMs), messageKeeper };
    const value: unknown = await handler(event, context).catch((error: unknown) => {
      lastTold = error;
      throw error;
    });
    post({ type: "returned", id, value, answer: null, events: "" });
  };
}

function httpInvoker(contextOf: ReturnType<typeof lambdaContext>): typeof invoke {
  return async ({ id, timeoutSeconds, payload: text }) => {
    const deadlineMs = deadlineIn(timeoutSeconds);
    const payload = parsePayload(text);
    if (payload.kind !== "http")
      throw new Error(`The API's worker was sent an event of kind "${payload.kind}".`);
    const handler = (await loaded()) as StreamingHttpHandler;
    const stream = new ResponseStream(id, post);
    streams.set(id, stream);
    stream.on("error", () => {
      // The client hung up: whoever writes to the stream has been told.
    });
    try {
      await handler(payload.event, stream, contextOf(payload.event.requestContext.requestId, deadlineMs));
      if (!stream.writableEnded) stream.end();
      post({ type: "returned", id, value: null, answer: stream.takeAnswer(), events: "" });
    } finally {
      streams.delete(id);
    }
  };
}

function deadlineIn(timeoutSeconds: number | null): number | null {
  return timeoutSeconds === null ? null : Date.now() + timeoutSeconds * 1_000;
}

async function run(invocation: Invocation): Promise<void> {
  const { id, claimAt } = invocation;
  if (claimAt !== null && !(claims && claim(claims, claimAt, id))) return;
  running++;
  try {
    await invoke(invocation);
  } catch (error) {
    // The code cannot be loaded: what was posted ahead is left for another worker to claim.
    next = null;
    post({ type: "failed", id, error: toPortableError(error), told: error === lastTold });
  }
  running--;
  const following = next;
  next = null;
  if (following) void run(following);
}

port.on("message", (message: ToWorker) => {
  switch (message.type) {
    case "define":
      return define(message);
    case "preload":
      // What is wrong with it, the first event says.
      loaded().catch(() => {});
      return;
    case "invoke":
      if (message.claimAt !== null && running > 0) next = message;
      else void run(message);
      return;
    case "letGone":
      lettingGo.get(message.request)?.();
      lettingGo.delete(message.request);
      return;
    case "resume":
      return streams.get(message.id)?.resume();
    case "hangup":
      streams.get(message.id)?.destroy(new Error("The client closed the connection."));
  }
});

// Lambda's Node runtime ends the environment on either.
for (const kind of ["uncaughtException", "unhandledRejection"] as const) {
  process.on(kind, (error: unknown) => {
    post({ type: "crashed", kind, error: toPortableError(error) });
    process.exit(1);
  });
}

setInterval(() => {
  if (running > 0) post({ type: "alive", bufferBytes: process.memoryUsage().arrayBuffers });
}, ALIVE_EVERY_MS).unref();

Object.assign(globalThis, { awslambda });
process.setSourceMapsEnabled(true);
post({ type: "ready" });
