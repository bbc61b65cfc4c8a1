import type { IncomingMessage } from "node:http";
import { requestTooLarge } from "../sqs-errors.js";

/**
 * The whole body of a request. Rejects with RequestEntityTooLarge as soon as more than `maxBytes` came, and when the
 * client hangs up in the middle of it.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] | undefined;
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        request.removeAllListeners("data").resume();
        reject(requestTooLarge(maxBytes));
      } else if (chunks === undefined) chunks = [chunk];
      else chunks.push(chunk);
    });
    request.on("end", () => {
      const [first, second] = chunks ?? [];
      if (first === undefined) resolve("");
      else resolve((second === undefined ? first : Buffer.concat(chunks ?? [])).toString());
    });
    request.on("error", reject);
  });
}
