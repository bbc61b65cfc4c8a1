import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a runtime answers to one invocation. */
export type RuntimeAnswer = {
  /** False: the function failed, and the body says how. */
  ok: boolean;
  body: Buffer;
  headers: IncomingHttpHeaders;
  /** Whether the answer was a stream (Lambda-Runtime-Function-Response-Mode). */
  streamed: boolean;
  /** What a stream failed with after it had begun; null when it did not. */
  midstreamError: string | null;
};

/** Lambda's side of the Runtime API, for one instance: it gives an event at a time and takes the answer. */
export type RuntimeApi = {
  /** "127.0.0.1:1234": AWS_LAMBDA_RUNTIME_API. */
  address: string;
  /** Resolves when the runtime has answered; rejects when it could not start, with its error as JSON. */
  invoke: (event: unknown, options: InvokeOptions) => Promise<RuntimeAnswer>;
  close: () => void;
};

export type InvokeOptions = {
  timeoutMs: number;
  functionArn?: string;
  requestId?: string;
  traceId?: string;
  /** Called with each piece of a streamed answer as it comes. */
  onPiece?: (piece: Buffer) => void;
};

type Invocation = {
  id: string;
  event: string;
  options: InvokeOptions;
  resolve: (answer: RuntimeAnswer) => void;
  reject: (error: Error) => void;
};

/** Serves the Runtime API. Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes". */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  const waiting: Invocation[] = [];
  const running = new Map<string, Invocation>();
  let idle: ServerResponse | null = null;
  let initError: Error | null = null;

  const giveNext = () => {
    const next = waiting[0];
    if (!next || !idle) return;
    waiting.shift();
    running.set(next.id, next);
    idle.writeHead(200, {
      "content-type": "application/json",
      "Lambda-Runtime-Aws-Request-Id": next.id,
      "Lambda-Runtime-Deadline-Ms": String(Date.now() + next.options.timeoutMs),
      "Lambda-Runtime-Invoked-Function-Arn":
        next.options.functionArn ?? "arn:aws:lambda:us-east-1:123456789012:function:function:live",
      ...(next.options.traceId ? { "Lambda-Runtime-Trace-Id": next.options.traceId } : {}),
    });
    idle.end(next.event);
    idle = null;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const [, what, id] = /\/(next|init\/error|[^/]+)(?:\/(?:response|error))?$/.exec(request.url ?? "") ?? [];
    if (request.url?.endsWith("/invocation/next")) {
      response.on("close", () => {
        if (idle === response) idle = null;
      });
      idle = response;
      return giveNext();
    }
    const invocation = running.get(what ?? id ?? "");
    const body = await readAll(request, invocation?.options.onPiece);
    response.writeHead(202).end("{}");
    if (request.url?.endsWith("/init/error")) {
      initError = new Error(body.toString("utf8"));
      for (const each of [...running.values(), ...waiting.splice(0)]) each.reject(initError);
      return;
    }
    if (!invocation) return;
    running.delete(invocation.id);
    const trailer = request.trailers["lambda-runtime-function-error-body"];
    invocation.resolve({
      ok: request.url?.endsWith("/response") === true,
      body,
      headers: request.headers,
      streamed: request.headers["lambda-runtime-function-response-mode"] === "streaming",
      midstreamError: trailer ? Buffer.from(trailer, "base64").toString("utf8") : null,
    });
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: Error) => {
      // The runtime's process ended in the middle of an answer.
      for (const each of running.values()) each.reject(error);
      running.clear();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    invoke(event, options) {
      if (initError) return Promise.reject(initError);
      return new Promise((resolve, reject) => {
        const id = options.requestId ?? randomUUID();
        waiting.push({ id, event: JSON.stringify(event), options, resolve, reject });
        giveNext();
      });
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function readAll(request: IncomingMessage, onPiece?: (piece: Buffer) => void): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) {
    pieces.push(piece as Buffer);
    onPiece?.(piece as Buffer);
  }
  return Buffer.concat(pieces);
}
