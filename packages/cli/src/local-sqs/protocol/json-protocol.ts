import { isAction } from "../actions/action-names.js";
import type { SqsError } from "../sqs-error.js";
import { serializationError, unknownOperation } from "../sqs-errors.js";
import { type Input, isStructure } from "./input.js";
import type { Protocol } from "./protocol.js";

/** The header that names the action, and what stands before the name. */
export const TARGET_HEADER = "x-amz-target";
const TARGET_PREFIX = "AmazonSQS.";
const CONTENT_TYPE = "application/x-amz-json-1.0";

/** AWS JSON 1.0, with the codes of the query protocol in a header beside those of the model. */
export const jsonProtocol: Protocol = {
  parse({ target = "", body }) {
    const action = target.startsWith(TARGET_PREFIX) ? target.slice(TARGET_PREFIX.length) : "";
    if (!isAction(action)) throw unknownOperation();
    return { action, input: parseBody(body) };
  },

  answer(_call, answer) {
    return { status: 200, contentType: CONTENT_TYPE, body: JSON.stringify(answer) };
  },

  refuse(error) {
    return {
      status: error.status,
      contentType: CONTENT_TYPE,
      headers: ["x-amzn-query-error", `${error.queryCode};${error.senderFault ? "Sender" : "Receiver"}`],
      body: JSON.stringify({ __type: typeOf(error), message: error.message }),
    };
  },
};

function parseBody(body: string): Input {
  if (body === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    throw serializationError(`The body is not JSON: ${error instanceof Error ? error.message : error}`);
  }
  if (isStructure(value)) return value;
  throw serializationError("Start of structure or map found where not expected.");
}

function typeOf({ code, modelled }: SqsError): string {
  return `${modelled ? "com.amazonaws.sqs" : "com.amazon.coral.service"}#${code}`;
}
