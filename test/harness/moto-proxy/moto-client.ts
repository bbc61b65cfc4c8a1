import { type OutgoingHttpHeaders, request } from "node:http";
import { type Call, jsonOf } from "./call.js";
import type { Reply } from "./reply.js";
import { type AccessKey, signCall } from "./sign-call.js";

/** Asks moto itself. */
export type MotoClient = {
  /** With the host that the caller named: queue URLs have it. */
  forward: (call: Call) => Promise<Reply>;
  lambda: (path: string) => Promise<Record<string, unknown> | null>;
  sqs: (operation: string, input: object) => Promise<Record<string, unknown> | null>;
  /** IAM's answers are XML. */
  iam: (parameters: Record<string, string>) => Promise<string | null>;
  /** Signs what it asks itself from now on, as it has to be where moto enforces IAM. */
  signWith: (key: AccessKey) => void;
  /** Whether moto enforces IAM: what is forwarded then has to be as it was signed. */
  enforcesIam: () => boolean;
};

export function createMotoClient(endpoint: string, region: string): MotoClient {
  let key: AccessKey | null = null;
  const ask = async (
    service: string,
    method: string,
    path: string,
    { headers = {}, body = "" }: { headers?: OutgoingHttpHeaders; body?: string } = {},
  ): Promise<Reply | null> => {
    const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
    const call = { endpoint, region, service, method, path, headers, body };
    const signed = key ? await signCall(key, call) : { ...headers, authorization };
    const reply = await send(endpoint, method, path, signed, Buffer.from(body));
    return reply.status < 300 ? reply : null;
  };
  return {
    signWith(own) {
      key = own;
    },
    enforcesIam: () => key !== null,
    async forward({ service, method, url, headers, body }) {
      const { expect: _, connection: __, "transfer-encoding": ___, ...kept } = headers;
      if (!key || !/^[^?]*%/.test(url)) return send(endpoint, method, url, kept, body);
      // Moto takes a path for signed as it decodes it, not as it came: the proxy asks in its own name.
      const path = decodeURIComponent(url);
      const text = body.toString("utf8");
      const own = { "content-type": headers["content-type"] ?? "application/json" };
      const signed = await signCall(key, {
        ...{ endpoint, region, service, method, path },
        ...{ headers: own, body: text },
      });
      return send(endpoint, method, url, signed, body);
    },
    async lambda(path) {
      const reply = await ask("lambda", "GET", path);
      return reply && jsonOf(reply);
    },
    async sqs(operation, input) {
      const headers = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `AmazonSQS.${operation}`,
      };
      const reply = await ask("sqs", "POST", "/", { headers, body: JSON.stringify(input) });
      return reply && jsonOf(reply);
    },
    async iam(parameters) {
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const body = new URLSearchParams({ Version: "2010-05-08", ...parameters }).toString();
      const reply = await ask("iam", "POST", "/", { headers, body });
      return reply?.body.toString("utf8") ?? null;
    },
  };
}

/** Each request has a connection of its own: moto closes those that are kept, when it likes. */
function send(
  endpoint: string,
  method: string,
  path: string,
  headers: OutgoingHttpHeaders,
  body: Buffer,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(endpoint);
    const outgoing = request(
      { hostname, port, method, path, headers: { ...headers, "content-length": body.length }, agent: false },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
        incoming.on("error", reject);
        incoming.on("end", () => {
          const { connection: _, "transfer-encoding": __, "content-length": ___, ...rest } = incoming.headers;
          resolve({ status: incoming.statusCode ?? 500, headers: rest, body: Buffer.concat(chunks) });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
