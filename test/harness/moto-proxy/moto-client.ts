import { request } from "node:http";
import type { Call } from "./call.js";
import type { Reply } from "./reply.js";

/** Asks moto itself. */
export type MotoClient = {
  /** @param host - how the caller named the server: queue URLs have it */
  forward: (call: Call) => Promise<Reply>;
  lambda: (path: string) => Promise<Record<string, unknown> | null>;
  sqs: (operation: string, input: object) => Promise<Record<string, unknown> | null>;
  /** IAM's answers are XML. */
  iam: (parameters: Record<string, string>) => Promise<string | null>;
};

export function createMotoClient(endpoint: string, region: string): MotoClient {
  const authorization = (service: string) =>
    `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
  const ask = async (path: string, init: RequestInit, service: string): Promise<Response | null> => {
    const response = await fetch(`${endpoint}${path}`, {
      ...init,
      headers: { ...init.headers, authorization: authorization(service) },
    });
    return response.ok ? response : null;
  };
  return {
    forward: (call) => forward(endpoint, call),
    lambda: async (path) => toJson(await ask(path, { method: "GET" }, "lambda")),
    sqs: async (operation, input) =>
      toJson(
        await ask(
          "/",
          {
            method: "POST",
            headers: {
              "content-type": "application/x-amz-json-1.0",
              "x-amz-target": `AmazonSQS.${operation}`,
            },
            body: JSON.stringify(input),
          },
          "sqs",
        ),
      ),
    iam: async (parameters) => {
      const body = new URLSearchParams({ Version: "2010-05-08", ...parameters });
      return (await (await ask("/", { method: "POST", body }, "iam"))?.text()) ?? null;
    },
  };
}

async function toJson(response: Response | null): Promise<Record<string, unknown> | null> {
  return response ? ((await response.json()) as Record<string, unknown>) : null;
}

function forward(endpoint: string, { method, url, headers, body }: Call): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(endpoint);
    const { expect: _, connection: __, "transfer-encoding": ___, ...kept } = headers;
    const outgoing = request(
      {
        hostname,
        port,
        method,
        path: url,
        headers: { ...kept, "content-length": body.length },
        agent: false,
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const { connection: _c, "transfer-encoding": _t, "content-length": _l, ...rest } = incoming.headers;
          resolve({ status: incoming.statusCode ?? 500, headers: rest, body: Buffer.concat(chunks) });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
