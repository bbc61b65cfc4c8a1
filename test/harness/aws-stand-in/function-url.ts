import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { toHttpEvent } from "../../../packages/cli/src/dev/http/to-http-event.js";
import type { Aws } from "../moto-proxy.js";
import type { DeployedFunctions } from "./deployed-functions.js";

/** A function URL, or an HTTP API in front of the function, on this machine. */
export type FunctionUrl = { url: string; close: () => void };

/** How much the head of a streamed answer and its body are apart: eight zeros. */
const DELIMITER = Buffer.alloc(8);

/**
 * Answers requests with a function behind its alias `live`: streaming where its function URL is so configured, in one
 * piece where it has none (then it is an HTTP API that calls it). Without both permissions a function URL answers 403.
 */
export async function serveFunctionUrl(
  aws: Aws,
  functions: DeployedFunctions,
  functionName: string,
): Promise<FunctionUrl> {
  const functionArn = `arn:aws:lambda:${aws.region}:${aws.account}:function:${functionName}:live`;
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      console.error("The function URL's stand-in failed:", error);
      if (!response.headersSent) response.writeHead(502);
      response.end();
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const configured = aws.functionUrlOf(functionArn);
    if (configured && !configured.isOpen) {
      response.writeHead(403, { "content-type": "application/json" }).end('{"Message":"Forbidden"}');
      return;
    }
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    const event = toHttpEvent(request, body, { requestId: randomUUID(), nowMs: Date.now() });
    if (!configured?.streams) {
      const { ok, body: result } = await functions.invoke(functionArn, event);
      if (!ok)
        response
          .writeHead(502, { "content-type": "application/json" })
          .end('{"Message":"Internal Server Error"}');
      else sendBuffered(response, JSON.parse(result.toString("utf8")));
      return;
    }
    const stream = streamTo(response);
    const { ok, midstreamError } = await functions.invoke(functionArn, event, { onPiece: stream });
    if (midstreamError !== null) response.destroy();
    else if (!ok || !response.headersSent) response.writeHead(502).end();
    else response.end();
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function sendBuffered(
  response: ServerResponse,
  {
    statusCode = 200,
    headers = {},
    cookies = [],
    body = "",
    isBase64Encoded,
  }: APIGatewayProxyStructuredResultV2,
): void {
  const texts = Object.entries(headers).map(([name, value]) => [name, String(value)]);
  response.writeHead(statusCode, {
    ...Object.fromEntries(texts),
    ...(cookies.length > 0 ? { "set-cookie": cookies } : {}),
  });
  response.end(Buffer.from(body, isBase64Encoded ? "base64" : "utf8"));
}

/** @returns what takes the pieces of a streamed answer: its head, the delimiter, its body */
function streamTo(response: ServerResponse): (piece: Buffer) => void {
  let head: Buffer | null = Buffer.alloc(0);
  return (piece) => {
    if (head === null) {
      response.write(piece);
      return;
    }
    head = Buffer.concat([head, piece]);
    const end = head.indexOf(DELIMITER);
    if (end === -1) return;
    const { statusCode, headers, cookies } = JSON.parse(head.subarray(0, end).toString("utf8")) as {
      statusCode: number;
      headers: Record<string, string>;
      cookies: string[];
    };
    response.writeHead(statusCode, { ...headers, ...(cookies.length > 0 ? { "set-cookie": cookies } : {}) });
    const rest = head.subarray(end + DELIMITER.length);
    head = null;
    if (rest.length > 0) response.write(rest);
  };
}
