import { invalidResult } from "../errors/http-errors.js";
import { type Answer, isStream } from "./answer.js";
import { addCors } from "./cors.js";
import { reportError, serverError } from "./failure.js";
import { assertSafeHeaders } from "./header-safety.js";
import type { HttpContext } from "./http-context.js";
import type { HttpScope } from "./http-scope.js";

/** What every answer gets, errors too: the request's id, CORS, and no body where HTTP has none. */
export function finishAnswer(answer: Answer, request: HttpContext, scope: HttpScope, cors: boolean): Answer {
  const finished = refuseUnsafe(answer, scope);
  const { headers } = finished;
  if (cors) addCors(finished);
  headers["x-request-id"] = request.requestId;
  if (request.method === "HEAD") withoutBody(finished);
  else if (finished.status === 204 || finished.status === 304) dropBody(finished);
  return finished;
}

function refuseUnsafe(answer: Answer, scope: HttpScope): Answer {
  try {
    assertSafeHeaders(answer);
    if (!isStatus(answer.status)) throw invalidResult(scope.handler, `its status is ${answer.status}`);
    return answer;
  } catch (error) {
    dropBody(answer);
    reportError(error, scope);
    return serverError(500, scope);
  }
}

/** HEAD: as GET, with the length of what is not sent. */
function withoutBody(answer: Answer): void {
  const { body, headers } = answer;
  if (body !== null && !isStream(body)) {
    headers["content-length"] ??= String(
      typeof body === "string" ? Buffer.byteLength(body) : body.byteLength,
    );
  }
  dropBody(answer);
}

function dropBody(answer: Answer): void {
  // A handler that is no longer read from must hear of it, or it would go on writing.
  if (isStream(answer.body)) answer.body.cancel().catch(() => undefined);
  answer.body = null;
}

/** A final answer's status (RFC 9110, 15). */
function isStatus(status: number): boolean {
  return Number.isInteger(status) && status >= 200 && status <= 599;
}
