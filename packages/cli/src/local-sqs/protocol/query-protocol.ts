import { isAction } from "../actions/action-names.js";
import { queueNameFromPath } from "../queue-names.js";
import type { SqsError } from "../sqs-error.js";
import { invalidAction, unknownOperation } from "../sqs-errors.js";
import type { Call, Protocol, WireAnswer, WireRequest } from "./protocol.js";
import { toInput } from "./query-input.js";
import { toQueryJson, toQueryJsonError } from "./query-json-answer.js";
import { toXml, toXmlError } from "./xml-answer.js";

/** Actions that are not about one queue, and so not asked for at a queue's address. */
const ACTIONS_OF_NO_QUEUE = new Set(["CreateQueue", "ListQueues"]);

/** The query protocol: form parameters in the query or the body, the queue in the path or as QueueUrl, XML back. */
export const queryProtocol: Protocol = {
  parse,
  answer: ({ action }, answer, requestId) => xml(200, toXml(action, answer, requestId)),
  refuse(error, requestId) {
    if (error.code === "UnknownOperationException") return xml(404, "<UnknownOperationException/>");
    return xml(error.status, toXmlError(error, messageOf(error), requestId));
  },
};

/** The same, answered in JSON to clients that accept nothing else. */
export const queryJsonProtocol: Protocol = {
  parse,
  answer: ({ action }, answer, requestId) => json(200, toQueryJson(action, answer, requestId)),
  refuse(error, requestId) {
    if (error.code === "UnknownOperationException") return queryProtocol.refuse(error, requestId);
    return json(error.status, toQueryJsonError(error, messageOf(error), requestId));
  },
};

function parse({ url, body }: WireRequest): Call {
  const queryAt = url.indexOf("?");
  const path = queryAt === -1 ? url : url.slice(0, queryAt);
  const parameters = new URLSearchParams(body);
  if (queryAt !== -1) {
    for (const [name, value] of new URLSearchParams(url.slice(queryAt))) parameters.append(name, value);
  }
  const action = parameters.get("Action");
  if (action === null) throw unknownOperation();
  const queue = queueNameFromPath(path);
  if (!isAction(action) || (queue !== undefined && ACTIONS_OF_NO_QUEUE.has(action))) {
    throw invalidAction(action);
  }
  const input = toInput(parameters);
  return { action, input: { ...input, QueueUrl: input.QueueUrl ?? queue } };
}

/** The query protocol has its own sentence for a queue that does not exist. */
function messageOf(error: SqsError): string {
  return error.code === "QueueDoesNotExist"
    ? "The specified queue does not exist for this wsdl version."
    : error.message;
}

const xml = (status: number, body: string): WireAnswer => ({ status, contentType: "text/xml", body });
const json = (status: number, body: string): WireAnswer => ({
  status,
  contentType: "application/json",
  body,
});
