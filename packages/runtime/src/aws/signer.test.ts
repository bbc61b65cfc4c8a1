import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { AwsCredentials } from "./credentials.js";
import { createSigner } from "./signer.js";

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000_000);

/** The library's own class, with the checksums that it is made to take. */
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
  reset(): void {
    throw new Error("Not needed");
  }
}

const text = fc.string({ minLength: 1, maxLength: 40 });
const credentials: fc.Arbitrary<AwsCredentials> = fc.record(
  { accessKeyId: text, secretAccessKey: text, sessionToken: text },
  { requiredKeys: ["accessKeyId", "secretAccessKey"] },
);
const request = fc.record({
  credentials,
  headers: fc.dictionary(fc.stringMatching(/^[a-z][a-z0-9-]{0,12}$/), fc.stringMatching(/^[ -~]{0,30}$/)),
  body: fc.string({ unit: "grapheme" }),
  target: fc.option(
    fc.record(
      {
        method: fc.constantFrom("GET" as const, "POST" as const, "DELETE" as const),
        path: fc.string({ unit: "grapheme" }).map((part) => `/${encodeURIComponent(part)}`),
        query: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3, noNullPrototype: true }),
      },
      { requiredKeys: ["method", "path"] },
    ),
  ),
  at: fc.date({ min: new Date("2020-01-01"), max: new Date("2040-01-01"), noInvalidDate: true }),
});

test("signs as AWS's own class does, over 300 random requests with keys and days that change", async () => {
  console.log(`signer against SignatureV4: SEED=${seed}`);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("https://sqs.eu-west-3.amazonaws.com/", "http://127.0.0.1:4566/a b/"),
      fc.array(request, { minLength: 1, maxLength: 4 }),
      async (url, requests) => {
        const endpoint = new URL(url);
        let current: AwsCredentials = { accessKeyId: "", secretAccessKey: "" };
        const shared = { region: "eu-west-3", service: "sqs", credentials: async () => current };
        const sign = createSigner({ ...shared, endpoint });
        const theirs = new SignatureV4({ ...shared, sha256: Sha256 });
        const { protocol, hostname, host, pathname: path } = endpoint;
        for (const { credentials, headers, body, target, at } of requests) {
          current = credentials;
          const toSign = {
            ...{ method: "POST", protocol, hostname, body, headers: { ...headers, host } },
            ...target,
            path: target ? path.replace(/\/$/, "") + target.path : path,
          };
          const { headers: expected } = await theirs.sign(toSign, { signingDate: at });
          expect(await sign(headers, body, at, target)).toEqual(expected);
        }
      },
    ),
    { seed, numRuns: 300 },
  );
});
