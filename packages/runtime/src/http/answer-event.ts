import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { instanceConfig } from "../config/instance.js";
import { streamTimedOut } from "../errors/http-errors.js";
import type { HttpFunction } from "../lambda/functions.js";
import { emitLifecycle, hasLifecycleListeners } from "../log/lifecycle-events.js";
import { startLogging } from "../log/start-logging.js";
import { createPushTracker } from "../queue/push-tracker.js";
import type { Span } from "../telemetry/tracer.js";
import { currentTracer } from "../telemetry/tracer.js";
import { type Answer, isStream } from "./answer.js";
import { timeLimitMs } from "./deadline.js";
import { failureAnswer, reportError, serverError } from "./failure.js";
import { finishAnswer } from "./finish-answer.js";
import { HttpContext } from "./http-context.js";
import { HttpScope } from "./http-scope.js";
import { createLocator, type Located } from "./locate.js";
import { problemReply } from "./problem-reply.js";
import { canonicalPath } from "./router.js";
import { runRoute } from "./run-route.js";
import { endInTime } from "./stream-deadline.js";

/** What is needed of Lambda's context. */
type InvocationContext = { getRemainingTimeInMillis?: () => number };

/** Calls back when the client has gone, so that the handler's signal tells it. */
export type WatchClient = (hasGone: (reason: () => Error) => void) => void;

/** Answers one event. */
export type Answerer = (
  event: APIGatewayProxyEventV2,
  context: InvocationContext,
  watchClient?: WatchClient,
) => Promise<AnsweredEvent>;

/** An answer, and what remains to be done around writing it. */
export type AnsweredEvent = {
  answer: Answer;
  /** Call when a streamed body has been written. Rejects when a push that was made meanwhile failed. */
  end(): Promise<void>;
  /** Call when a streamed body broke off, or `end` rejected. Returns what to answer if nothing is written yet. */
  fail(error: unknown): Answer;
};

/**
 * Makes the function that answers requests, however the answer is written. It never rejects: whatever goes wrong is
 * an answer too.
 *
 * @throws QueueRunError `QR_INVALID_ROUTE`
 */
export function createAnswerer(fn: HttpFunction): Answerer {
  startLogging(instanceConfig());
  const locate = createLocator(fn);

  /** @throws HttpReply 400 for a malformed path, 404 for one that nothing answers; what loading a route throws */
  const locateRequest = (request: HttpContext): Located | Promise<Located> => {
    const path = canonicalPath(request.path);
    if (path === null) throw problemReply(400, "The path has a malformed escape");
    const located = locate(path);
    return located instanceof Promise ? located.then(orNotFound) : orNotFound(located);
  };

  return async (event, context, watchClient) => {
    const startedAt = performance.now();
    const request = new HttpContext(event, fn);
    watchClient?.((reason) => request.abort(reason));
    const pushes = createPushTracker();
    let scope = new HttpScope(request, event.rawPath, pushes);
    let cors = true;
    let span: Span | null = null;
    let answer: Answer;
    try {
      const locating = locateRequest(request);
      const located = locating instanceof Promise ? await locating : locating;
      cors = located.prepared.route.settings.cors;
      request.params = located.params;
      scope = new HttpScope(request, located.prepared.displayPath, pushes);
      tellRequest(scope, event);
      const remainingMs = context.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
      const limitMs = timeLimitMs(located.prepared.route.settings.timeoutSeconds, remainingMs);
      span = startSpan(event, scope, located.prepared.displayPath);
      answer = await (span
        ? span.run(() => runRoute(located, request, scope, limitMs))
        : runRoute(located, request, scope, limitMs));
      if (isStream(answer.body)) {
        const leftMs = limitMs - (performance.now() - startedAt);
        answer.body = endInTime(answer.body, leftMs, () => {
          const error = streamTimedOut(scope.handler, limitMs / 1_000);
          scope.hasTimedOut = true;
          request.abort(() => error);
          return error;
        });
      }
    } catch (error) {
      answer = failureAnswer(error, scope);
    }
    answer = finishAnswer(answer, request, scope, cors);
    tellResponse(scope, event, answer.status, startedAt);
    if (span) endSpan(span, answer.status);

    const close = (): void => {
      pushes.close();
      request.abort(handlerHasEnded);
    };
    if (!isStream(answer.body)) close();
    return {
      answer,
      end: () => pushes.settle().finally(close),
      fail(error) {
        reportError(error, scope);
        close();
        return finishAnswer(serverError(scope.hasTimedOut ? 504 : 500, scope), request, scope, cors);
      },
    };
  };
}

function orNotFound(located: Located | null): Located {
  if (!located) throw problemReply(404, "Not found");
  return located;
}

function handlerHasEnded(): Error {
  const reason = new Error("The handler has ended");
  reason.name = "AbortError";
  return reason;
}

/** Its trace is what the request's pushes and log lines carry. */
function startSpan(event: APIGatewayProxyEventV2, scope: HttpScope, route: string): Span | null {
  const tracer = currentTracer();
  if (!tracer) return null;
  const { headers, rawPath: path, requestContext } = event;
  const { method, requestId, incomingTrace: trace } = scope;
  const clientAddress = requestContext.http.sourceIp;
  const span = tracer.request({ method, path, route, headers, clientAddress, requestId, trace });
  if (span) scope.trace = span.trace;
  return span;
}

function endSpan(span: Span, status: number): void {
  span.end(status >= 500 ? { name: String(status), message: "" } : null, {
    "http.response.status_code": status,
  });
}

function tellRequest(scope: HttpScope, event: APIGatewayProxyEventV2): void {
  if (!hasLifecycleListeners("request")) return;
  emitLifecycle("request", { method: scope.method, path: event.rawPath, source: scope.source });
}

function tellResponse(
  scope: HttpScope,
  event: APIGatewayProxyEventV2,
  status: number,
  startedAt: number,
): void {
  if (!hasLifecycleListeners("response")) return;
  const durationMs = performance.now() - startedAt;
  emitLifecycle("response", {
    method: scope.method,
    path: event.rawPath,
    status,
    durationMs,
    source: scope.source,
  });
}
