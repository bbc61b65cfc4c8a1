import type { ServerResponse } from "node:http";
import type { Fault } from "./answer.js";

/**
 * Answers in place of a function that could not. What happened in the function is for the terminal, not for clients:
 * the body says no more than a function URL's would, and the request's id.
 */
export function sendFault(response: ServerResponse, requestId: string, fault: Fault): void {
  if (response.destroyed) return;
  const [status, message] = describe(fault);
  const body = JSON.stringify({ error: message, requestId });
  response.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    "x-request-id": requestId,
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "X-Job-Id, Location, X-Request-Id",
    ...(fault.kind === "too-large" && { connection: "close" }),
  });
  response.end(body);
}

function describe(fault: Fault): [status: number, message: string] {
  switch (fault.kind) {
    case "too-large":
      return [413, `The body is larger than the ${fault.maxBytes} bytes that are accepted.`];
    case "no-function":
      return [404, "Nothing is served here."];
    case "failed":
      return [500, "The handler could not be loaded; the server's log says why."];
    case "no-answer":
      return [502, "The handler ended without an answer; the server's log says more."];
    case "died":
      return fault.cause.kind === "deadline"
        ? [504, "The handler took too long."]
        : [502, "The handler's process ended; the server's log says why."];
  }
}
