import type { Writable } from "node:stream";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { type Answer, isStream } from "./answer.js";
import type { AnsweredEvent, WatchClient } from "./answer-event.js";

/** What goes before a streamed body. */
export type AnswerHead = { statusCode: number; headers: Record<string, string>; cookies: string[] };

/** Lambda's `awslambda.HttpResponseStream`. */
export type HttpResponseStream = { from(stream: Writable, head: AnswerHead): Writable };

/** @returns the answer as a function that answers in one piece returns it: bytes in base64 */
export async function toBuffered(answered: AnsweredEvent): Promise<APIGatewayProxyStructuredResultV2> {
  const { body } = answered.answer;
  if (!isStream(body)) return toResult(answered.answer, body);
  try {
    const bytes = await readAll(body);
    await answered.end();
    return toResult(answered.answer, bytes);
  } catch (error) {
    return toBuffered({ ...answered, answer: answered.fail(error) });
  }
}

function toResult(answer: Answer, body: string | Uint8Array | null): APIGatewayProxyStructuredResultV2 {
  const result: APIGatewayProxyStructuredResultV2 = { statusCode: answer.status, headers: answer.headers };
  if (answer.cookies.length > 0) result.cookies = answer.cookies;
  if (typeof body === "string") {
    result.body = body;
  } else if (body !== null) {
    result.body = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("base64");
    result.isBase64Encoded = true;
  }
  return result;
}

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const reader = stream.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) chunks.push(piece.value);
  return Buffer.concat(chunks);
}

/**
 * Writes the answer to Lambda's stream: in one write when the body is there, else piece by piece, no faster than the
 * client takes it. Resolves when all is written, or when the client has gone.
 *
 * @throws what the body broke off with: Lambda then ends the answer there
 */
export async function writeStreamed(
  answered: AnsweredEvent,
  raw: Writable,
  { from }: HttpResponseStream,
): Promise<void> {
  const { status, headers, cookies, body } = answered.answer;
  const stream = from(raw, { statusCode: status, headers, cookies });
  // Lambda sends the head with the first write, so there has to be one, if of nothing.
  if (!isStream(body)) {
    stream.write(body ?? "");
    stream.end();
    return;
  }
  stream.write("");
  await pipe(body, stream, answered);
}

async function pipe(
  body: ReadableStream<Uint8Array>,
  stream: Writable,
  answered: AnsweredEvent,
): Promise<void> {
  const reader = body.getReader();
  let wake: () => void = () => undefined;
  const leave = (): void => {
    if (stream.writableFinished) return;
    reader.cancel().catch(() => undefined);
    wake();
  };
  stream.on("drain", () => wake());
  stream.on("close", leave);
  stream.on("error", leave);
  try {
    for (let piece = await reader.read(); !piece.done && !stream.destroyed; piece = await reader.read()) {
      if (stream.write(piece.value)) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (stream.destroyed) reader.cancel().catch(() => undefined);
    await answered.end();
    stream.end();
  } catch (error) {
    answered.fail(error);
    // Not destroyed: of that, Lambda's runtime client knows nothing, and its process ends.
    throw error;
  }
}

/** @returns what tells a handler that nobody waits for the rest of its answer */
export function watchStream(stream: Writable): WatchClient {
  return (hasGone) => {
    stream.once("close", () => {
      if (!stream.writableFinished) hasGone(clientHasGone);
    });
  };
}

function clientHasGone(): Error {
  const reason = new Error("The client has gone");
  reason.name = "AbortError";
  return reason;
}
