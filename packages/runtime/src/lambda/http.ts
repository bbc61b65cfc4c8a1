import type { Writable } from "node:stream";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";
import { createAnswerer } from "../http/answer-event.js";
import { toBuffered, writeStreamed } from "../http/write-answer.js";
import type { HttpFunction } from "./functions.js";

export type { HttpFunction, HttpRoute, UserModule } from "./functions.js";

/** Lambda's handler of a function URL (BUFFERED), or of an HTTP API with payload format 2.0. */
export type BufferedHttpHandler = (
  event: APIGatewayProxyEventV2,
  context: Pick<Context, "getRemainingTimeInMillis">,
) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * Makes the handler of the API's function that answers in one piece.
 *
 * @throws QueueRunError `QR_INVALID_ROUTE_PATH`
 */
export function createHttpHandler(fn: HttpFunction): BufferedHttpHandler {
  const answerEvent = createAnswerer(fn);
  return async (event, context) => toBuffered(await answerEvent(event, context));
}

/**
 * Makes the handler of the API's function that streams: for a function URL with RESPONSE_STREAM.
 *
 * @throws QueueRunError `QR_INVALID_ROUTE_PATH`; an error where Lambda's `awslambda` is not there
 */
export function createStreamingHttpHandler(fn: HttpFunction): unknown {
  const answerEvent = createAnswerer(fn);
  return awslambda.streamifyResponse(
    async (event: APIGatewayProxyEventV2, stream: Writable, context: Context) => {
      await writeStreamed(await answerEvent(event, context), stream, awslambda.HttpResponseStream);
    },
  );
}

/** What Lambda's Node runtime puts into the global scope. Lambda Developer Guide, "Response streaming". */
declare const awslambda: {
  streamifyResponse(
    handler: (event: APIGatewayProxyEventV2, stream: Writable, context: Context) => Promise<void>,
  ): unknown;
  HttpResponseStream: {
    from(
      stream: Writable,
      head: { statusCode: number; headers: Record<string, string>; cookies: string[] },
    ): Writable;
  };
};
