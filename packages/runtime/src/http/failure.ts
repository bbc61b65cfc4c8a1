import { emitLifecycle, hasLifecycleListeners } from "../log/lifecycle-events.js";
import { type Answer, makeAnswer } from "./answer.js";
import type { HttpScope } from "./http-scope.js";
import { answerThatWasThrown } from "./result.js";

/** Tells the logger of an error; where there is none, standard error. */
export function reportError(error: unknown, scope: HttpScope): void {
  if (hasLifecycleListeners("error")) emitLifecycle("error", { error, source: scope.source });
  else console.error(error);
}

/**
 * The answer to something that was thrown: itself when it is a Response or a reply; otherwise it is reported, and the
 * client learns the request's id and nothing else.
 */
export function failureAnswer(thrown: unknown, scope: HttpScope): Answer {
  const answer = answerThatWasThrown(thrown);
  if (answer) return answer;
  reportError(thrown, scope);
  return serverError(500, scope);
}

/** @param status - 500, or 504 for a handler that took too long */
export function serverError(status: 500 | 504, { requestId }: HttpScope): Answer {
  return makeAnswer(status, JSON.stringify({ requestId }), "application/json");
}
