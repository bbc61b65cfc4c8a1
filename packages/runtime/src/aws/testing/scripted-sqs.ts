import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** What one attempt of a call is answered with. */
export type ScriptedAnswer =
  | { kind: "output"; output: unknown; headers?: Record<string, string> }
  | { kind: "error"; status: number; headers: Record<string, string>; body: string }
  /** The connection breaks before anything is answered. */
  | { kind: "reset" };

/** A request as it arrived. */
export type ArrivedRequest = {
  method: string | undefined;
  path: string | undefined;
  headers: IncomingHttpHeaders;
  body: string;
  /** Whether the signature is the one that these keys make of this request. */
  isSigned: boolean;
};

/** A server that answers attempt by attempt as it is told, and keeps what arrives. */
export type ScriptedSqs = {
  endpoint: string;
  /** Forgets what arrived, and answers by this script from now on; its last answer repeats. */
  play(script: ScriptedAnswer[]): void;
  arrived: ArrivedRequest[];
  stop(): Promise<void>;
};

/** Listens on a free port of 127.0.0.1. */
export async function startScriptedSqs(secretAccessKey: string): Promise<ScriptedSqs> {
  let script: ScriptedAnswer[] = [];
  const arrived: ArrivedRequest[] = [];
  const server = createServer(async (request, response) => {
    const body = await read(request);
    const { method, url: path, headers } = request;
    arrived.push({ method, path, headers, body, isSigned: isSigned(request, body, secretAccessKey) });
    const answer = script[Math.min(arrived.length, script.length) - 1];
    if (!answer || answer.kind === "reset") {
      request.socket.resetAndDestroy();
    } else if (answer.kind === "output") {
      response.writeHead(200, { "content-type": "application/x-amz-json-1.0", ...answer.headers });
      response.end(JSON.stringify(answer.output));
    } else {
      response.writeHead(answer.status, answer.headers);
      response.end(answer.body);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    play(next) {
      arrived.length = 0;
      script = next;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** Makes the signature once more, straight from the description of Signature Version 4 (IAM User Guide). */
function isSigned({ method, url, headers }: IncomingMessage, body: string, secretAccessKey: string): boolean {
  const match =
    /Credential=[^/]+\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)$/.exec(
      headers.authorization ?? "",
    );
  const [, date = "", region = "", service = "", signedHeaders = "", signature] = match ?? [];
  const canonicalHeaders = signedHeaders
    .split(";")
    .map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [method, url, "", canonicalHeaders.join(""), signedHeaders, sha256(body)].join("\n");
  const scope = `${date}/${region}/${service}/aws4_request`;
  const toSign = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const key = [date, region, service, "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const mustBeSigned = Object.keys(headers).filter((name) => name === "host" || name.startsWith("x-amz-"));
  return (
    hmac(key, toSign).toString("hex") === signature &&
    mustBeSigned.every((n) => signedHeaders.split(";").includes(n))
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac("sha256", key).update(data, "utf8").digest();
}
