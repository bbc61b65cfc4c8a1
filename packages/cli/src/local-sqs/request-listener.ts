import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { ACTIONS } from "./actions/index.js";
import { type AllowedHosts, isAllowed } from "./allowed-hosts.js";
import type { Broker } from "./broker/broker.js";
import { MAX_BODY_BYTES } from "./limits.js";
import { jsonProtocol, TARGET_HEADER } from "./protocol/json-protocol.js";
import type { Protocol, WireAnswer } from "./protocol/protocol.js";
import { queryJsonProtocol, queryProtocol } from "./protocol/query-protocol.js";
import { readBody } from "./protocol/read-body.js";
import type { Owner } from "./queue-names.js";
import { RequestContext } from "./request-context.js";
import { requestIds } from "./request-ids.js";
import { SqsError } from "./sqs-error.js";
import { accessDenied, internalFailure } from "./sqs-errors.js";
import type { UnreadAnswers } from "./unread-answers.js";

/** Takes a request, whose Host and Origin are allowed, unless it is to SQS. Returns whether it did. */
export type OtherServices = (request: IncomingMessage, response: ServerResponse) => boolean;

export type RequestListenerOptions = {
  broker: Broker;
  owner: Owner;
  /** Asked at each request: the port is known only once the server listens. */
  allowedHosts: () => AllowedHosts;
  /** Told of errors that are not the caller's: a write that failed, a defect. */
  onInternalError: (error: unknown) => void;
  unread: UnreadAnswers;
  others?: OtherServices;
};

/** What answers a request of SQS's API, whichever protocol it speaks. */
export function requestListener(options: RequestListenerOptions) {
  const nextRequestId = requestIds();

  return (request: IncomingMessage, response: ServerResponse): void => {
    options.unread.read(request.socket);
    const { headers } = request;
    const protocol = protocolOf(headers);
    const { host, origin } = headers;
    if (host === undefined || !isAllowed(options.allowedHosts(), host, origin)) {
      request.resume();
      refuse(response, protocol, hostRefused(host, origin));
      return;
    }
    if (options.others?.(request, response)) return;
    readBody(request, MAX_BODY_BYTES, (error, body) => {
      if (error !== null) fail(response, protocol, error);
      else void answer(request, response, protocol, body);
    });
  };

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    protocol: Protocol,
    body: string,
  ): Promise<void> {
    const { headers, socket } = request;
    const trace = textOf(headers["x-amzn-trace-id"]);
    const context = new RequestContext(options, response, `http://${headers.host}`, trace);
    try {
      const target = textOf(headers[TARGET_HEADER]);
      const call = protocol.parse({ target, url: request.url ?? "/", body });
      const output = await ACTIONS[call.action](call.input, context);
      if (context.delivery !== undefined) await pendingHangUps();
      if (isGone(response)) {
        context.takeBack();
        return;
      }
      const requestId = nextRequestId();
      write(response, requestId, protocol.answer(call, output, requestId));
      if (context.delivery !== undefined) options.unread.answered(socket, context.delivery);
    } catch (error) {
      context.takeBack();
      if (!isGone(response)) fail(response, protocol, error);
    }
  }

  function fail(response: ServerResponse, protocol: Protocol, error: unknown): void {
    if (!(error instanceof SqsError)) options.onInternalError(error);
    refuse(response, protocol, error instanceof SqsError ? error : internalFailure(String(error)));
  }

  function refuse(response: ServerResponse, protocol: Protocol, error: SqsError): void {
    const requestId = nextRequestId();
    // The rest of a body that is too large is not waited for.
    if (error.status === 413) response.shouldKeepAlive = false;
    write(response, requestId, protocol.refuse(error, requestId));
  }
}

function protocolOf(headers: IncomingHttpHeaders): Protocol {
  if (headers[TARGET_HEADER] !== undefined) return jsonProtocol;
  return headers.accept === "application/json" ? queryJsonProtocol : queryProtocol;
}

/** Of a header that repeats, nothing. */
function textOf(header: string | string[] | undefined): string | undefined {
  return typeof header === "string" ? header : undefined;
}

/** A client that hung up while the answer was made is noticed when the event loop has looked at its sockets. */
function pendingHangUps(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A client that ended its side of the connection is answered no more: Node has begun to close ours. */
function isGone({ destroyed, socket }: ServerResponse): boolean {
  return destroyed || socket === null || !socket.writable;
}

/** One write for the head and the body together. */
function write(response: ServerResponse, requestId: string, answer: WireAnswer): void {
  const { status, contentType, headers, body } = answer;
  const all = [
    "x-amzn-RequestId",
    requestId,
    "Content-Type",
    contentType,
    "Content-Length",
    String(Buffer.byteLength(body)),
  ];
  if (headers !== undefined) all.push(...headers);
  response.writeHead(status, all).end(body);
}

function hostRefused(host: string | undefined, origin: string | undefined): SqsError {
  return accessDenied(
    `The local SQS answers only requests whose Host is localhost, 127.0.0.1 or [::1] with its port, and that come from no other web page; this one has Host ${host ?? "(none)"}${origin === undefined ? "" : ` and Origin ${origin}`}.`,
  );
}
