import type { Hash, Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import type { AwsCredentials } from "./credentials.js";

/** A request before it is signed. Header names are in lower case. */
export type UnsignedRequest = { endpoint: URL; headers: Record<string, string>; body: Uint8Array };

/** @returns the headers of the request, and those that sign it */
export type SignRequest = (request: UnsignedRequest, signingDate: Date) => Promise<Record<string, string>>;

/**
 * Signs with AWS's own implementation of Signature Version 4, on Node's cryptography.
 *
 * @param service - "sqs"
 */
export function createSigner({
  region,
  service,
  credentials,
}: {
  region: string;
  service: string;
  credentials: () => Promise<AwsCredentials>;
}): SignRequest {
  const signer = new SignatureV4({ region, service, credentials, sha256: NodeSha256 });
  return async ({ endpoint, headers, body }, signingDate) => {
    const signed = await signer.sign(
      {
        method: "POST",
        protocol: endpoint.protocol,
        hostname: endpoint.hostname,
        port: endpoint.port ? Number(endpoint.port) : undefined,
        path: endpoint.pathname,
        query: {},
        headers,
        body,
      },
      { signingDate },
    );
    return signed.headers;
  };
}

/** SHA-256, keyed or not, in the shape that the signer asks for. */
class NodeSha256 {
  readonly #hash: Hash | Hmac;

  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    const { createHash, createHmac } = process.getBuiltinModule("node:crypto");
    this.#hash = key === undefined ? createHash("sha256") : createHmac("sha256", toHashable(key));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(toHashable(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {
    throw new Error("The signer makes a new hash for each use");
  }
}

function toHashable(data: string | ArrayBuffer | ArrayBufferView): string | Uint8Array {
  if (typeof data === "string") return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
