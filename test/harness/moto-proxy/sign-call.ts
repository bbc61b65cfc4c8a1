import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import type { OutgoingHttpHeaders } from "node:http";
import { SignatureV4 } from "@smithy/signature-v4";

/** An access key of a user at moto. */
export type AccessKey = { accessKeyId: string; secretAccessKey: string };

class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(key?: unknown) {
    this.#hash = key === undefined ? createHash("sha256") : createHmac("sha256", key as Buffer);
  }
  update(data: unknown): void {
    this.#hash.update(data as Buffer);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

/** @returns the headers of a request, signed, as moto asks for where it enforces IAM */
export async function signCall(
  key: AccessKey,
  {
    endpoint,
    region,
    service,
    method,
    path,
    headers,
    body,
  }: {
    endpoint: string;
    region: string;
    service: string;
    method: string;
    path: string;
    headers: OutgoingHttpHeaders;
    body: string;
  },
): Promise<OutgoingHttpHeaders> {
  const { protocol, hostname, host } = new URL(endpoint);
  const { pathname, searchParams } = new URL(path, endpoint);
  const signer = new SignatureV4({ credentials: key, region, service, sha256: Sha256 });
  const signed = await signer.sign({
    method,
    protocol,
    hostname,
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { ...(headers as Record<string, string>), host },
    body,
  });
  return signed.headers;
}
