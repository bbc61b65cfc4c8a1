import type { ActionContext } from "./actions/action.js";
import { ACTIONS } from "./actions/index.js";
import type { Broker, Delivery } from "./broker/broker.js";
import { jsonProtocol } from "./protocol/json-protocol.js";
import type { WireAnswer } from "./protocol/protocol.js";
import type { Owner } from "./queue-names.js";
import { requestIds } from "./request-ids.js";
import { SqsError } from "./sqs-error.js";
import { internalFailure } from "./sqs-errors.js";

/** A request in SQS's JSON protocol, without the HTTP around it. */
type InProcessRequest = {
  /** Its X-Amz-Target: "AmazonSQS.SendMessage" */
  target: string | undefined;
  body: string;
};

/** What it is answered with. Header names in lower case. */
type InProcessAnswer = { status: number; headers: Record<string, string>; body: string };

/** Answers a caller in this process. Never rejects. `gone` aborts when nobody will read the answer. */
export type InProcessSqs = (request: InProcessRequest, gone: AbortSignal) => Promise<InProcessAnswer>;

/**
 * SQS for callers that share the broker's process: the requests and answers of the JSON protocol as they are, with no
 * connection between, so that there is nothing to sign, and no page of another origin to be refused.
 *
 * @param origin - what queue URLs begin with: the endpoint's own
 * @param onInternalError - told of errors that are not the caller's
 */
export function inProcessSqs(options: {
  broker: Broker;
  owner: Owner;
  origin: string;
  onInternalError: (error: unknown) => void;
}): InProcessSqs {
  const { broker, owner, origin, onInternalError } = options;
  const nextRequestId = requestIds();
  return async ({ target, body }, gone) => {
    let delivery: Delivery | null = null;
    const context: ActionContext = {
      broker,
      owner,
      origin,
      traceHeader: undefined,
      hangUp: () => gone,
      handOver(handedOver) {
        delivery = handedOver;
      },
    };
    const requestId = nextRequestId();
    let answer: WireAnswer;
    try {
      const call = jsonProtocol.parse({ target, url: "/", body });
      answer = jsonProtocol.answer(call, await ACTIONS[call.action](call.input, context), requestId);
    } catch (error) {
      if (!(error instanceof SqsError)) onInternalError(error);
      answer = jsonProtocol.refuse(
        error instanceof SqsError ? error : internalFailure(String(error)),
        requestId,
      );
    }
    if (gone.aborted) takeBack(delivery);
    return { status: answer.status, headers: toHeaders(requestId, answer), body: answer.body };
  };
}

/** Nobody reads the answer: what it would have handed over is as if never received. */
function takeBack(delivery: Delivery | null): void {
  delivery?.undo();
}

function toHeaders(requestId: string, { contentType, headers = [] }: WireAnswer): Record<string, string> {
  const all: Record<string, string> = { "x-amzn-requestid": requestId, "content-type": contentType };
  for (let at = 0; at + 1 < headers.length; at += 2) all[headers[at] ?? ""] = headers[at + 1] ?? "";
  return all;
}
