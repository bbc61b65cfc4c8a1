import type { IncomingMessage } from "node:http";
import { requestTooLarge } from "../sqs-errors.js";

/**
 * Reads the whole body of a request, and calls back with its text; or with RequestEntityTooLarge as soon as more than
 * `maxBytes` came. Does not call back when the client hangs up in the middle of it.
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
  callback: (error: Error | null, body: string) => void,
): void {
  let first: Buffer | undefined;
  let more: Buffer[] | undefined;
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      request.removeAllListeners("data").removeAllListeners("end").resume();
      callback(requestTooLarge(maxBytes), "");
    } else if (first === undefined) first = chunk;
    else if (more === undefined) more = [first, chunk];
    else more.push(chunk);
  });
  request.on("end", () => {
    const body = more === undefined ? first : Buffer.concat(more);
    callback(null, body === undefined ? "" : body.toString());
  });
  // Without a listener, a client that hangs up in its body would end the process.
  request.on("error", () => {});
}
