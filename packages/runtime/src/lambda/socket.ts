import type { Context } from "aws-lambda";
import { instanceConfig } from "../config/instance.js";
import { runInScope } from "../context/invocation-scope.js";
import { socketTimedOut } from "../errors/socket-errors.js";
import { withinTime } from "../http/deadline.js";
import { createHandlerLoader } from "../job/load-handlers.js";
import { LAMBDA_MAX_TIMEOUT_SECONDS } from "../limits/index.js";
import { finalWork } from "../log/final-work.js";
import { emitLifecycle, hasLifecycleListeners } from "../log/lifecycle-events.js";
import { labelOfScope } from "../log/scope-label.js";
import { startLogging } from "../log/start-logging.js";
import { answerError, runSocketEvent } from "../socket/run-socket-event.js";
import type { SocketApiAnswer, SocketApiEvent } from "../socket/socket-api-event.js";
import { loadSocketHandlers, type SocketHandlers } from "../socket/socket-handlers.js";
import { createKnownUsers, reportError, type SocketRun } from "../socket/socket-run.js";
import { SocketScope } from "../socket/socket-scope.js";
import { currentTracer } from "../telemetry/tracer.js";
import type { SocketFunction } from "./functions.js";

export type { SocketApiAnswer, SocketApiEvent } from "../socket/socket-api-event.js";
export type { SocketFunction } from "./functions.js";

/** Kept back from what Lambda gives, to tell the client that the time was up. */
const RESERVE_MS = 750;

const PROTOCOL_HEADER = "Sec-WebSocket-Protocol";
/** What the log calls the events of connections. */
const NAMES = { CONNECT: "connect", MESSAGE: "message", DISCONNECT: "disconnect" };

/** The Lambda handler of the socket's function. */
export type SocketLambdaHandler = {
  (event: SocketApiEvent, context: Pick<Context, "getRemainingTimeInMillis">): Promise<SocketApiAnswer>;
  /** Loads the user's code ahead of the first event. Rejects with what it threw; the next event tries again. */
  ready(): Promise<void>;
};

/**
 * Makes the Lambda handler of the socket's function, for the routes $connect, $disconnect and $default of a WebSocket API
 * (proxy integration, without route responses: what clients are answered is sent). It rejects only when the user's code
 * cannot be loaded.
 */
export function createSocketHandler(fn: SocketFunction): SocketLambdaHandler {
  startLogging(instanceConfig());
  const loadHandlers = createHandlerLoader<SocketHandlers>(
    {
      ...(fn.loadIndex && { loadIndex: fn.loadIndex }),
      load: async () => ({ handlers: await loadSocketHandlers(fn) }),
    },
    (module) => module.handlers as SocketHandlers,
  );
  const users = createKnownUsers();
  let lastLoadError: unknown = null;

  async function handle(
    event: SocketApiEvent,
    context: Pick<Context, "getRemainingTimeInMillis">,
  ): Promise<SocketApiAnswer> {
    const startedAt = performance.now();
    const { eventType, connectionId, requestId } = event.requestContext;
    const connection =
      eventType === "DISCONNECT" ? null : { id: connectionId, isOpen: eventType === "MESSAGE" };
    const scope = new SocketScope(requestId, connection, event.headers ?? {});
    let handlers: SocketHandlers;
    try {
      handlers = await loadHandlers();
    } catch (error) {
      reportError(error, scope);
      // A module that failed stays failed in this process, and throws the very same error: only a new one can mend it.
      if (error === lastLoadError && process.env.AWS_LAMBDA_FUNCTION_NAME) process.exit(1);
      lastLoadError = error;
      throw error;
    }
    const run: SocketRun = { event, handlers, scope, users };
    const limitMs = limitOf(context.getRemainingTimeInMillis());
    const span = currentTracer()?.socket({ name: NAMES[eventType], requestId, trace: scope.trace }) ?? null;
    if (span) scope.trace = span.trace;
    const answer = () =>
      runInScope(scope, () => withinTime(runSocketEvent(run), limitMs, () => timeIsUp(run, limitMs)));
    const statusCode = await (span ? span.run(answer) : answer());
    scope.close();
    span?.end(statusCode >= 500 ? { name: String(statusCode), message: "" } : null);
    if (hasLifecycleListeners("response"))
      emitLifecycle("response", {
        method: "SOCKET",
        path: NAMES[eventType],
        status: statusCode,
        durationMs: performance.now() - startedAt,
        source: labelOfScope(scope),
      });
    const stillToDo = finalWork(() => context.getRemainingTimeInMillis());
    if (stillToDo) await stillToDo;
    const protocol = statusCode < 300 ? firstProtocol(event) : null;
    return protocol === null ? { statusCode } : { statusCode, headers: { [PROTOCOL_HEADER]: protocol } };
  }

  /** @returns milliseconds; more than Lambda can ever give means that time is not kept: a debugger is attached */
  function limitOf(remainingMs: number): number {
    if (remainingMs > LAMBDA_MAX_TIMEOUT_SECONDS * 1_000) return Number.POSITIVE_INFINITY;
    return Math.min(fn.settings.timeoutSeconds * 1_000, Math.max(0, remainingMs - RESERVE_MS));
  }

  return Object.assign(handle, {
    async ready() {
      await loadHandlers();
    },
  });
}

/** Browsers give a connection up whose server picks none of the protocols that they asked for. */
function firstProtocol({ headers, requestContext }: SocketApiEvent): string | null {
  if (requestContext.eventType !== "CONNECT") return null;
  const asked = Object.entries(headers ?? {}).find(
    ([name]) => name.toLowerCase() === "sec-websocket-protocol",
  );
  return asked?.[1]?.split(",")[0]?.trim() || null;
}

async function timeIsUp(run: SocketRun, limitMs: number): Promise<number> {
  const { eventType, requestId } = run.event.requestContext;
  run.scope.close();
  reportError(socketTimedOut(`a ${NAMES[eventType]}`, limitMs / 1_000), run.scope);
  if (eventType === "MESSAGE") await answerError(run, `The time is up, request ${requestId}`);
  return 504;
}
