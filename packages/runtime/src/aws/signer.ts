import {
  ALGORITHM_IDENTIFIER,
  createScope,
  getCanonicalHeaders,
  getSigningKey,
  SignatureV4Base,
} from "@smithy/signature-v4";
import type { AwsCredentials } from "./credentials.js";
import type { RestTarget } from "./http-transport.js";

/**
 * @param headers - those that the signature covers, in lower case; `host` is added
 * @param target - null: POST to the endpoint itself
 * @returns them, and those that sign the request
 */
export type SignRequest = (
  headers: Record<string, string>,
  body: string,
  signingDate: Date,
  target: RestTarget | null,
) => Promise<Record<string, string>>;

/** What is signed for. */
type SignerOptions = {
  endpoint: URL;
  region: string;
  /** "sqs" */
  service: string;
  /** Asked for each request, since they may rotate. */
  credentials: () => Promise<AwsCredentials>;
};

/** Signs requests to one endpoint with AWS's own implementation of Signature Version 4. */
export function createSigner(options: SignerOptions): SignRequest {
  const signer = new EndpointSigner(options);
  return (headers, body, signingDate, target) => signer.sign(headers, body, signingDate, target);
}

/**
 * The steps of the library's `SignatureV4`, with what its requests have in common made once: the signing key is kept in
 * Node's own form for a day, and nothing is copied. Of a warm push, that takes a third of what the whole class takes.
 */
class EndpointSigner extends SignatureV4Base {
  readonly #region: string;
  readonly #request: { method: string; protocol: string; hostname: string; path: string; headers: object };
  readonly #host: string;
  #derived: { from: string; key: Promise<SigningKey> } | null = null;

  constructor({ endpoint, region, service, credentials }: SignerOptions) {
    super({ region, service, credentials, sha256: NodeSha256 });
    this.#region = region;
    this.#host = endpoint.host;
    const { protocol, hostname, pathname: path } = endpoint;
    this.#request = { method: "POST", protocol, hostname, path, headers: {} };
  }

  async sign(
    headers: Record<string, string>,
    body: string,
    signingDate: Date,
    target: RestTarget | null,
  ): Promise<Record<string, string>> {
    const { createHmac, hash } = process.getBuiltinModule("node:crypto");
    const credentials = await this.credentialProvider();
    const { longDate, shortDate } = this.formatDate(signingDate);
    const scope = createScope(shortDate, this.#region, this.service);
    const payloadHash = hash("sha256", body);
    const signed: Record<string, string> = {
      ...headers,
      host: this.#host,
      "x-amz-content-sha256": payloadHash,
      "x-amz-date": longDate,
    };
    if (credentials.sessionToken) signed["x-amz-security-token"] = credentials.sessionToken;
    const request = { ...this.#request, ...(target && this.#below(target)), headers: signed };
    const canonicalHeaders = getCanonicalHeaders(request);
    const canonicalRequest = this.createCanonicalRequest(request, canonicalHeaders, payloadHash);
    const toSign = `${ALGORITHM_IDENTIFIER}\n${longDate}\n${scope}\n${hash("sha256", canonicalRequest)}`;
    const key = await this.#signingKey(credentials, shortDate);
    const signature = createHmac("sha256", key).update(toSign).digest("hex");
    signed.authorization =
      `${ALGORITHM_IDENTIFIER} Credential=${credentials.accessKeyId}/${scope}, ` +
      `SignedHeaders=${this.getCanonicalHeaderList(canonicalHeaders)}, Signature=${signature}`;
    return signed;
  }

  /** What the endpoint's own request differs in. */
  #below({ method, path, query }: RestTarget) {
    return { method, path: this.#request.path.replace(/\/$/, "") + path, ...(query && { query }) };
  }

  #signingKey(credentials: AwsCredentials, shortDate: string): Promise<SigningKey> {
    const from = `${shortDate}:${credentials.accessKeyId}:${credentials.secretAccessKey}`;
    if (this.#derived?.from !== from) this.#derived = { from, key: this.#derive(credentials, shortDate) };
    return this.#derived.key;
  }

  async #derive(credentials: AwsCredentials, shortDate: string): Promise<SigningKey> {
    const bytes = await getSigningKey(NodeSha256, credentials, shortDate, this.#region, this.service);
    return process.getBuiltinModule("node:crypto").createSecretKey(bytes);
  }
}

type SigningKey = import("node:crypto").KeyObject;

type HashInput = string | ArrayBuffer | ArrayBufferView;

/** Keyed SHA-256 in the shape that deriving a signing key asks for: it gives one piece of data to each. */
class NodeSha256 {
  readonly #key: HashInput;
  #data: HashInput = "";

  constructor(key: HashInput = "") {
    this.#key = key;
  }

  update(data: HashInput): void {
    this.#data = data;
  }

  async digest(): Promise<Uint8Array> {
    const { createHmac } = process.getBuiltinModule("node:crypto");
    return createHmac("sha256", toHashable(this.#key)).update(toHashable(this.#data)).digest();
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
