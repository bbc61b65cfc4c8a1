import { runInScope } from "../context/invocation-scope.js";
import { handlerTimedOut } from "../errors/http-errors.js";
import type { Answer } from "./answer.js";
import { applyCaching } from "./caching.js";
import { preflightHeaders } from "./cors.js";
import { withinTime } from "./deadline.js";
import { eventBodyLength } from "./event-body.js";
import { failureAnswer, reportError, serverError } from "./failure.js";
import { fromResponse, isResponse, toResponse } from "./fetch-response.js";
import type { HttpContext } from "./http-context.js";
import type { HttpScope } from "./http-scope.js";
import type { Located } from "./locate.js";
import { answerByApp } from "./mounted-app.js";
import type { PreparedRoute, UserFunction } from "./prepared-route.js";
import { bodyTooLarge, problemReply } from "./problem-reply.js";
import { READS_BODY } from "./reads-body.js";
import type { HttpReply } from "./reply.js";
import { answerThatWasThrown, toAnswer } from "./result.js";
import { authenticateUser } from "./run-hooks.js";

/**
 * Answers a request whose route is known.
 *
 * @throws HttpReply 405, 413; everything else becomes the answer
 */
export function runRoute(
  located: Located,
  request: HttpContext,
  scope: HttpScope,
  limitMs: number,
): Answer | Promise<Answer> {
  const { prepared } = located;
  const { settings } = prepared.route;
  const handler = prepared.handlers.get(request.method);
  if (!handler && request.method === "OPTIONS" && !isForApp(prepared, request))
    return optionsAnswer(prepared, request);
  if (!handler && !isForApp(prepared, request)) throw methodNotAllowed(prepared);
  if (eventBodyLength(request.event) > settings.maxBodyBytes) throw bodyTooLarge(settings.maxBodyBytes);
  return runInScope(scope, () =>
    withinTime(respond(located, handler, request, scope), limitMs, () => {
      const error = handlerTimedOut(scope.handler, limitMs / 1_000);
      scope.hasTimedOut = true;
      request.abort(() => error);
      scope.pushes.close();
      reportError(error, scope);
      return serverError(504, scope);
    }),
  );
}

/** Whether a mounted app answers. Preflights are ours, unless the route has turned CORS off. */
function isForApp({ app, methods, route }: PreparedRoute, { method, event }: HttpContext): boolean {
  if (!app || !methods.includes(method)) return false;
  return !(
    method === "OPTIONS" &&
    route.settings.cors &&
    event.headers["access-control-request-method"] !== undefined
  );
}

function optionsAnswer({ methods, route }: PreparedRoute, request: HttpContext): Answer {
  const headers: Record<string, string> = { allow: methods.join(", ") };
  if (route.settings.cors) Object.assign(headers, preflightHeaders(methods, request));
  return { status: 204, headers, cookies: [], body: null };
}

function methodNotAllowed({ methods }: PreparedRoute): HttpReply {
  const allowed = methods.join(", ");
  return problemReply(405, `Method not allowed; only ${allowed}`, { allow: allowed });
}

async function respond(
  located: Located,
  handler: UserFunction | undefined,
  request: HttpContext,
  scope: HttpScope,
): Promise<Answer> {
  const { prepared } = located;
  let answer: Answer;
  try {
    answer = await answerOfRoute(located, handler, request, scope);
  } catch (thrown) {
    // Its signal has told the handler to stop: that it did is not worth another report.
    if (scope.hasTimedOut) return serverError(504, scope);
    answer = await answerFailure(thrown, prepared, request, scope);
  }
  if (scope.hasTimedOut) return answer;
  if (prepared.onResponse)
    answer = await runOnResponse(prepared.onResponse.run, answer, prepared, request, scope);
  if (scope.pushes.count === 0) return answer;
  try {
    await scope.pushes.settle();
    return answer;
  } catch (error) {
    return answerFailure(error, prepared, request, scope);
  }
}

async function answerOfRoute(
  { prepared, prefix }: Located,
  handler: UserFunction | undefined,
  request: HttpContext,
  scope: HttpScope,
): Promise<Answer> {
  if (prepared.onRequest) {
    const early = await prepared.onRequest.run(request.request);
    if (isResponse(early)) return fromResponse(early);
  }
  if (prepared.authenticate) request.user = await authenticateUser(prepared.authenticate, request);
  let result: unknown;
  if (handler) {
    const loading = READS_BODY in handler ? undefined : request.loadBody(prepared.route.settings.accepts);
    if (loading) await loading;
    result = await handler(request);
  } else if (prepared.app) {
    result = await answerByApp(prepared.app, request, prefix);
  }
  const converted = toAnswer(result, scope.handler);
  const answer = converted instanceof Promise ? await converted : converted;
  if (request.method === "GET" || request.method === "HEAD")
    applyCaching(answer, prepared.caching, result, request, prepared.authenticate !== null);
  return answer;
}

async function answerFailure(
  thrown: unknown,
  { onError }: PreparedRoute,
  request: HttpContext,
  scope: HttpScope,
): Promise<Answer> {
  if (onError && !answerThatWasThrown(thrown)) {
    try {
      await onError.run(thrown, request.request);
    } catch (error) {
      reportError(error, scope);
    }
  }
  return failureAnswer(thrown, scope);
}

async function runOnResponse(
  onResponse: UserFunction,
  answer: Answer,
  prepared: PreparedRoute,
  request: HttpContext,
  scope: HttpScope,
): Promise<Answer> {
  try {
    const response = toResponse(answer);
    const replaced = await onResponse(request.request, response);
    if (isResponse(replaced)) return fromResponse(replaced);
    // The hook may have changed the headers; the body is still the one that it was shown.
    return {
      ...fromResponse(response),
      body: response.bodyUsed ? answer.body : response.body && answer.body,
    };
  } catch (thrown) {
    return answerFailure(thrown, prepared, request, scope);
  }
}
