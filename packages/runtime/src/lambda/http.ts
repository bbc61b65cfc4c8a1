import type { Writable } from "node:stream";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { createAnswerer } from "../http/answer-event.js";
import { toBuffered, watchStream, writeStreamed } from "../http/write-answer.js";
import { finalWork } from "../log/final-work.js";
import type { HttpFunction } from "./functions.js";

export type { HttpFunction, HttpRoute, UserModule } from "./functions.js";

/** Lambda's handler of a function URL (BUFFERED), or of an HTTP API with payload format 2.0. */
export type BufferedHttpHandler = (
  event: APIGatewayProxyEventV2,
  context: Pick<Context, "getRemainingTimeInMillis">,
) => Promise<APIGatewayProxyStructuredResultV2>;

/** Lambda's handler of a function URL with RESPONSE_STREAM. */
export type StreamingHttpHandler = (
  event: APIGatewayProxyEventV2,
  stream: Writable,
  context: Pick<Context, "getRemainingTimeInMillis">,
) => Promise<void>;

/**
 * Makes the handler of the API's function that answers in one piece.
 *
 * @throws QueueRunError `QR_INVALID_ROUTE`
 */
export function createHttpHandler(fn: HttpFunction): BufferedHttpHandler {
  const answerEvent = createAnswerer(fn);
  return async (event, context) => {
    const result = await toBuffered(await answerEvent(event, context));
    const stillToDo = finalWork(() => context.getRemainingTimeInMillis());
    if (stillToDo) await stillToDo;
    return result;
  };
}

/**
 * Makes the handler of the API's function that streams: for a function URL with RESPONSE_STREAM.
 *
 * @throws QueueRunError `QR_INVALID_ROUTE`; an error where Lambda's `awslambda` is not there
 */
export function createStreamingHttpHandler(fn: HttpFunction): StreamingHttpHandler {
  const answerEvent = createAnswerer(fn);
  return awslambda.streamifyResponse(async (event, stream, context) => {
    const answered = await answerEvent(event, context, watchStream(stream));
    await writeStreamed(answered, stream, awslambda.HttpResponseStream);
    const stillToDo = finalWork(() => context.getRemainingTimeInMillis());
    if (stillToDo) await stillToDo;
  });
}

/** What Lambda's Node runtime puts into the global scope. Lambda Developer Guide, "Response streaming". */
declare const awslambda: {
  streamifyResponse(handler: StreamingHttpHandler): StreamingHttpHandler;
  HttpResponseStream: {
    from(
      stream: Writable,
      head: { statusCode: number; headers: Record<string, string>; cookies: string[] },
    ): Writable;
  };
};
