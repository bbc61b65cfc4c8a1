import type { IncomingMessage } from "node:http";

/**
 * Reads a request's body, counting it as it arrives.
 *
 * @returns null when the request has no body; "too-large" as soon as it is known to be larger than `maxBytes` (the
 *   rest is not read); "aborted" when the client went away
 */
export function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Buffer | null | "too-large" | "aborted"> {
  const declared = request.headers["content-length"];
  if (declared === undefined && request.headers["transfer-encoding"] === undefined)
    return Promise.resolve(null);
  if (declared !== undefined && Number(declared) > maxBytes) return Promise.resolve("too-large");
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > maxBytes) {
        request.pause();
        resolve("too-large");
      } else chunks.push(chunk);
    });
    request.on("end", () =>
      resolve(bytes === 0 ? null : chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)),
    );
    request.on("error", () => resolve("aborted"));
    request.on("close", () => resolve("aborted"));
  });
}
