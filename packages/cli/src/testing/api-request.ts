import type { StreamingHttpHandler } from "@queue-run/runtime/lambda/http";
import { toHttpEvent } from "../dev/http/to-http-event.js";
import type { LambdaContext } from "../dev/worker/lambda-context.js";
import type { AnswerHead, FromWorker } from "../dev/worker/protocol.js";
import { ResponseStream } from "../dev/worker/response-stream.js";

/** Statuses whose answers have no body, so that `Response` takes none. Fetch Standard, "null body status". */
const WITHOUT_BODY = new Set([101, 103, 204, 205, 304]);

/**
 * Sends a request through the API's Lambda entry point: as an event of a function URL, with an answer that may be a stream.
 *
 * @param nowMs - when the request is made, milliseconds since 1970
 * @returns as soon as status and headers are there
 */
export async function askApi(
  { handler, context }: { handler: StreamingHttpHandler; context: LambdaContext },
  request: Request,
  nowMs: number,
): Promise<Response> {
  const event = await toEvent(request, context.awsRequestId, nowMs);
  return new Promise((resolve, reject) => {
    const answer = answerSink(resolve, () => stream.resume());
    const stream: ResponseStream = new ResponseStream(0, answer.take);
    stream.on("error", () => {
      // The request was aborted: whoever writes to the stream has been told.
    });
    const abort = (): void => {
      stream.destroy(new Error("The request was aborted."));
      answer.fail(request.signal.reason);
      reject(request.signal.reason);
    };
    if (request.signal.aborted) return abort();
    request.signal.addEventListener("abort", abort, { once: true });
    handler(event as unknown as Parameters<typeof handler>[0], stream, context)
      .then(() => {
        if (!stream.writableEnded) stream.end();
      })
      .catch(reject);
  });
}

async function toEvent(request: Request, requestId: string, nowMs: number) {
  const { pathname, search, host } = new URL(request.url);
  const body = request.body === null ? null : Buffer.from(await request.arrayBuffer());
  const rawHeaders = [...request.headers].flat();
  if (!request.headers.has("host")) rawHeaders.push("host", host);
  if (body !== null) rawHeaders.push("content-length", String(body.length));
  const received = {
    url: pathname + search,
    method: request.method,
    httpVersion: "1.1",
    rawHeaders,
    socket: { remoteAddress: "127.0.0.1", localPort: 80 },
  };
  return toHttpEvent(received, body, { requestId, nowMs });
}

/** Makes a `Response` of what is written to the stream. */
function answerSink(resolve: (response: Response) => void, resume: () => void) {
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  const take = (message: FromWorker): void => {
    switch (message.type) {
      case "answered":
        resolve(toResponse(message.answer.head, message.answer.body as BodyInit | null));
        return;
      case "head": {
        const source = {
          start(started: ReadableStreamDefaultController<Uint8Array>) {
            controller = started;
          },
          pull: resume,
        };
        resolve(toResponse(message.head, new ReadableStream(source)));
        return;
      }
      case "chunk":
        controller?.enqueue(message.bytes);
        return;
      case "end":
        controller?.close();
    }
  };
  return { take, fail: (reason: unknown) => controller?.error(reason) };
}

function toResponse({ statusCode, headers, cookies }: AnswerHead, body: BodyInit | null): Response {
  const all = new Headers(headers);
  for (const cookie of cookies) all.append("set-cookie", cookie);
  return new Response(WITHOUT_BODY.has(statusCode) ? null : body, { status: statusCode, headers: all });
}
