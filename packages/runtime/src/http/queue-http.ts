import { instanceConfig } from "../config/instance.js";
import { httpWithoutGroup } from "../errors/http-errors.js";
import { QueueRunError } from "../errors/queue-run-error.js";
import { type InternalPushOptions, pushOne } from "../queue/pusher.js";
import { type ReferenceState, referenceState } from "../queue/reference-state.js";
import type { HttpContext } from "./http-context.js";
import { issuesReply, problemReply } from "./problem-reply.js";
import { READS_BODY } from "./reads-body.js";
import { HttpReply } from "./reply.js";
import { toRequestIssues } from "./schema-issues.js";

/** A handler that pushes what it is sent: what `queue.http` is. */
export type QueueHttpHandler = (request: never) => Promise<HttpReply>;

/** How a push is made: `pushOne`, or a test's own. */
export type PushFunction = (
  queue: ReferenceState,
  payload: unknown,
  options: InternalPushOptions,
) => Promise<string>;

const ACCEPTED = [
  "application/json",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "text/plain",
];

/** What a refused push answers, where the client is to blame. */
const STATUS_OF_CODE: Record<string, number> = {
  QR_INVALID_PAYLOAD: 422,
  QR_PAYLOAD_SCHEMA: 422,
  QR_PAYLOAD_TOO_LARGE: 413,
  QR_PENDING_LIMIT: 429,
};

/**
 * Makes the handler behind `export const post = queue.http`: it pushes the request's body and answers 202 with the
 * job's id, and with where its status can be asked for. Path parameters and the user travel with the job; on a FIFO queue,
 * [group] and [dedupe] of the route's path say group and deduplication id.
 *
 * @param reference - the queue, with options that apply to every push
 */
export function createQueueHttp(reference: unknown, push: PushFunction = pushOne): QueueHttpHandler {
  const handler = async (request: HttpContext): Promise<HttpReply> => {
    const queue = referenceState(reference);
    if (!queue) throw new TypeError("queue.http was read from something that is not a queue");
    if (!request.event.body) return issue("body", [], "The request has no body, so there is nothing to push");
    await request.loadBody(ACCEPTED);
    const file = fileIn(request.body);
    if (file !== null)
      return issue("body", [file], "A file cannot be pushed; store it, and push where it is");
    const fromRoute = optionsOfRoute(queue, request);
    try {
      const jobId = await push(queue, request.body, fromRoute);
      const location = await locationOf(queue.queueName ?? "", jobId, request);
      return new HttpReply(202, null, { "x-job-id": jobId, ...(location && { location }) });
    } catch (error) {
      const refusal = refusalOf(error, fromRoute);
      if (refusal) return refusal;
      throw error;
    }
  };
  return Object.assign(handler as QueueHttpHandler, { [READS_BODY]: true });
}

/** @returns null where the job's status cannot be asked for over HTTP */
async function locationOf(
  queueName: string,
  jobId: string,
  { fn, params }: HttpContext,
): Promise<string | null> {
  if (!instanceConfig()?.queues[queueName]?.track) return null;
  const { statusPath } = await import("../records/on-first-record.js");
  return statusPath(fn, queueName, jobId, params);
}

/** @throws QueueRunError `QR_GROUP_REQUIRED` */
function optionsOfRoute(
  { queueName, fifo, options }: ReferenceState,
  { params, event }: HttpContext,
): InternalPushOptions {
  const fromRoute: InternalPushOptions = { params };
  if (!fifo) return fromRoute;
  if (options.group === undefined) {
    if (params.group === undefined) throw httpWithoutGroup(queueName ?? "", event.rawPath);
    fromRoute.group = toId(params.group);
  }
  if (params.dedupe !== undefined) fromRoute.dedupe = toId(params.dedupe);
  return fromRoute;
}

/** The values of a catch-all, as the path has them. */
function toId(value: string | string[]): string {
  return typeof value === "string" ? value : value.join("/");
}

/** @returns the name of the first field that is an uploaded file, or null */
function fileIn(body: unknown): string | null {
  // Only forms have no prototype, and what is an object in a form is a file.
  if (typeof body !== "object" || body === null || Object.getPrototypeOf(body) !== null) return null;
  for (const [name, value] of Object.entries(body)) {
    if ([value].flat().some((one) => typeof one === "object")) return name;
  }
  return null;
}

/** @returns null when the fault is not the client's */
function refusalOf(error: unknown, { group, dedupe }: InternalPushOptions): HttpReply | null {
  if (!(error instanceof QueueRunError)) return null;
  const { code, message, details } = error;
  if (code === "QR_INVALID_GROUP") return group === undefined ? null : issue("params", ["group"], message);
  if (code === "QR_INVALID_DEDUPE") return dedupe === undefined ? null : issue("params", ["dedupe"], message);
  const status = STATUS_OF_CODE[code];
  if (status !== 422) return status === undefined ? null : problemReply(status, message);
  return issuesReply(
    Array.isArray(details?.issues)
      ? toRequestIssues("body", details.issues)
      : [{ in: "body", path: [], message }],
  );
}

function issue(part: "body" | "params", path: string[], message: string): HttpReply {
  return issuesReply([{ in: part, path, message }]);
}
