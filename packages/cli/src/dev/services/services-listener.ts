import type { IncomingMessage, ServerResponse } from "node:http";
import type { RestTarget } from "@queue-run/runtime/instance";
import { readBody } from "../http/read-body.js";
import type { LocalServices } from "./local-services.js";
import type { ServiceAnswer, ServiceRequest } from "./service.js";

/** The largest request of DynamoDB's API (BatchWriteItem; DynamoDB Developer Guide, "Quotas"). */
const MAX_BODY_BYTES = 16 * 1_048_576;

/**
 * Answers requests over HTTP as the port of a worker does: for scripts, and any AWS client.
 *
 * @returns what takes a request that is to one of the services; SQS, which has a server of its own, is none of them
 */
export function servicesListener(
  services: () => LocalServices | null,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const local = services();
    const asked = toServiceRequest(request);
    if (!local?.serves(asked)) return false;
    void answer(local, asked, request, response);
    return true;
  };
}

async function answer(
  { ask }: LocalServices,
  asked: ServiceRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request, MAX_BODY_BYTES);
  if (body === "aborted") return;
  if (body === "too-large") {
    response.shouldKeepAlive = false;
    return write(response, { status: 413, headers: {}, body: "" });
  }
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  write(response, await ask({ ...asked, body: body?.toString() ?? "" }, gone.signal));
}

function toServiceRequest({ headers, method, url = "/" }: IncomingMessage): ServiceRequest {
  const target = headers["x-amz-target"];
  if (typeof target === "string") return { target, body: "" };
  const { pathname, searchParams } = new URL(url, "http://localhost");
  const rest: RestTarget = {
    method: (method ?? "GET") as RestTarget["method"],
    path: pathname,
    query: Object.fromEntries(searchParams),
  };
  return { rest, body: "" };
}

function write(response: ServerResponse, { status, headers, body }: ServiceAnswer): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
  response.end(body);
}
