import { SignatureV4 } from "@smithy/signature-v4";
import type { AwsCredentials } from "./credentials.js";

/**
 * @param headers - those that the signature covers, in lower case; `host` is added
 * @returns them, and those that sign the request
 */
export type SignRequest = (
  headers: Record<string, string>,
  body: string,
  signingDate: Date,
) => Promise<Record<string, string>>;

/**
 * Signs POST requests to one endpoint, with AWS's own implementation of Signature Version 4 on Node's cryptography.
 *
 * @param service - "sqs"
 * @param credentials - asked for each request, since they may rotate
 */
export function createSigner({
  endpoint,
  region,
  service,
  credentials,
}: {
  endpoint: URL;
  region: string;
  service: string;
  credentials: () => Promise<AwsCredentials>;
}): SignRequest {
  const { hash } = process.getBuiltinModule("node:crypto");
  const signer = new SignatureV4({ region, service, credentials, sha256: NodeSha256 });
  // Read once: each of a URL's members is worked out anew when it is read.
  const { protocol, hostname, host, pathname: path } = endpoint;
  const query = {};
  return async (headers, body, signingDate) => {
    const signable = { ...headers, host, "x-amz-content-sha256": hash("sha256", body) };
    const signed = await signer.sign(
      { method: "POST", protocol, hostname, path, query, headers: signable },
      { signingDate },
    );
    return signed.headers;
  };
}

type HashInput = string | ArrayBuffer | ArrayBufferView;

/** SHA-256, keyed or not, in the shape that the signer asks for: it gives one piece of data to each. */
class NodeSha256 {
  readonly #key: HashInput | undefined;
  #data: HashInput = "";

  constructor(key?: HashInput) {
    this.#key = key;
  }

  update(data: HashInput): void {
    this.#data = data;
  }

  async digest(): Promise<Uint8Array> {
    const { createHmac, hash } = process.getBuiltinModule("node:crypto");
    const data = toHashable(this.#data);
    if (this.#key === undefined) return hash("sha256", data, "buffer");
    return createHmac("sha256", toHashable(this.#key)).update(data).digest();
  }

  reset(): void {
    this.#data = "";
  }
}

function toHashable(data: HashInput): string | Uint8Array {
  if (typeof data === "string" || data instanceof Uint8Array) return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
