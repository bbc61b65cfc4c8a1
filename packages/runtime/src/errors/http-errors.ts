import { QueueRunError } from "./queue-run-error.js";

/** A file in api/ whose path cannot be a route. */
export function invalidRoutePath(
  file: string,
  { message, fix }: { message: string; fix: string },
): QueueRunError {
  return new QueueRunError({ code: "QR_INVALID_ROUTE", message: `${file}: ${message}`, fix });
}

/** `authenticate` answered neither a user nor null. */
export function invalidUser(file: string, answer: unknown): QueueRunError {
  return new QueueRunError({
    code: "QR_INVALID_USER",
    message: `authenticate in ${file} returned ${describe(answer)}, which is neither a user nor null`,
    fix: "Return { id, … } with a non-empty string (or a number) as the id, or null for an anonymous request; throw a Response to refuse it",
  });
}

/** A handler's result cannot be written down. */
export function invalidResult(handler: string, reason: string, cause?: unknown): QueueRunError {
  return new QueueRunError({
    code: "QR_INVALID_RESULT",
    message: `The result of ${handler} cannot be sent: ${reason}`,
    fix: "Return a JSON value, a string, a Buffer, JSX, null, or a Response",
    cause,
  });
}

/** A header's name or value has characters that would end the header, or that HTTP does not allow. */
export function invalidHeader(name: string): QueueRunError {
  return new QueueRunError({
    code: "QR_INVALID_HEADER",
    message: `The answer's header ${JSON.stringify(name)} has a character that HTTP does not allow, a line break perhaps`,
    fix: "Encode what comes from users (encodeURIComponent) before it is put into a header",
  });
}

/** A handler took longer than its route's timeout, or than Lambda would have waited. */
export function handlerTimedOut(handler: string, limitSeconds: number): QueueRunError {
  const error = new QueueRunError({
    code: "QR_HTTP_TIMEOUT",
    message: `${handler} was not done after ${limitSeconds} seconds; the client was answered 504`,
    fix: 'Do the slow part in a queue, or raise the timeout: export const config = { timeout: "30s" }',
  });
  // It is a timer that notices: where that runs says nothing of where the handler is.
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

/** An answer that streams was still being written when its route's time was up. */
export function streamTimedOut(handler: string, limitSeconds: number): QueueRunError {
  const error = new QueueRunError({
    code: "QR_HTTP_TIMEOUT",
    message: `The answer of ${handler} was not written after ${limitSeconds} seconds, and was broken off`,
    fix: 'Raise the timeout for as long as it may stream: export const config = { timeout: "5m" }',
  });
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

/** An export of api/ or of a `_middleware` file is not what it should be. */
export function invalidExport(file: string, name: string, expected: string): QueueRunError {
  return new QueueRunError({
    code: "QR_INVALID_EXPORT",
    message: `The export "${name}" of ${file} is not ${expected}`,
    fix: `Export ${expected} as "${name}", or remove the export`,
  });
}

/** `url()` was not given what the path needs, or what no client could ask for. */
export function invalidUrlParameter(path: string, name: string): QueueRunError {
  return new QueueRunError({
    code: "QR_URL_PARAMETER",
    message: `url(${JSON.stringify(path)}) has no value for [${name}] that can stand in a path`,
    fix: `Give ${name} a number or a text that is not empty, "." or ".."; for a catch-all, an array of at least one`,
  });
}

/** `url.self()` outside of a file in api/. */
export function urlWithoutRoute(): QueueRunError {
  return new QueueRunError({
    code: "QR_NOT_A_ROUTE",
    message: "url.self() was called outside of a file in api/, so there is no route that it could mean",
    fix: 'Call url.self() in a file under api/, or name the path: url.for("/items/[id]")',
  });
}

/** `queue.http` of a FIFO queue on a route that says no group. */
export function httpWithoutGroup(queueName: string, file: string): QueueRunError {
  return new QueueRunError({
    code: "QR_GROUP_REQUIRED",
    message: `${file} feeds the FIFO queue ${queueName}, but its path has no [group]`,
    fix: `Name the file …/[group].ts, or export queue.group("…").http`,
  });
}

function describe(value: unknown): string {
  if (value === undefined) return "undefined";
  if (typeof value !== "object" || value === null) return `a ${typeof value}`;
  return "id" in value
    ? "an object whose id is neither a non-empty string nor a number"
    : "an object without an id";
}

/** `queue.statusHttp` on a route whose path names no job. */
export function statusWithoutJobId(queueName: string, path: string): QueueRunError {
  return new QueueRunError({
    code: "QR_JOB_ID_REQUIRED",
    message: `The route of ${path} tells the status of jobs of the queue ${JSON.stringify(queueName)}, and its path does not say of which`,
    fix: "Rename its file so that its path has [jobId]: api/exports/[jobId].ts",
  });
}
