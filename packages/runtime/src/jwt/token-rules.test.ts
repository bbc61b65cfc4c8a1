import { describe, expect, test } from "vitest";
import { jwt } from "./jwt.js";
import { makeKey } from "./testing/tokens.js";
import { toTokenRules } from "./token-rules.js";

const SECRET = "what only the issuer and we know";
const key = makeKey("k");
const jwks = { keys: [key.jwk] };
const pem = String(key.publicKey.export({ format: "pem", type: "spki" }));

test("who is to be trusted comes from the options alone", () => {
  expect(toTokenRules({ secret: SECRET })).toEqual({
    keys: { kind: "secret", secret: new TextEncoder().encode(SECRET) },
    algorithms: ["HS256"],
  });
  const rules = toTokenRules({ jwks: "https://a.example/jwks", issuer: "i", audience: ["a", "b"] });
  expect(rules).toMatchObject({ keys: { kind: "url" }, issuer: ["i"], audience: ["a", "b"] });
  expect(rules.algorithms).toContain("RS256");
  expect(rules.algorithms.filter((name) => /^HS|none/i.test(name))).toEqual([]);
});

describe.each([
  ["neither secret nor jwks", {}],
  ["a secret that is not set", { secret: undefined }],
  ["a secret of null", { secret: null }],
  ["an empty secret", { secret: "" }],
  ["a blank secret", { secret: " \n" }],
  ["a secret of no bytes", { secret: new Uint8Array() }],
  ["a secret of zeros", { secret: new Uint8Array(32) }],
  ["a secret that is a number", { secret: 7 }],
  ["both", { secret: SECRET, jwks }],
  ["both, one empty", { secret: "", jwks }],
  ["a public key as the secret", { secret: pem }],
  ["a public key's bytes as the secret", { secret: Buffer.from(pem) }],
  ["a key set as the secret", { secret: JSON.stringify(jwks) }],
  ["an SSH key as the secret", { secret: "ssh-rsa AAAA" }],
  ["an empty address", { jwks: "" }],
  ["a path for an address", { jwks: "/jwks.json" }],
  ["an address of a file", { jwks: "file:///etc/passwd" }],
  ["an address that is data", { jwks: 'data:application/json,{"keys":[]}' }],
  ["a set without keys", { jwks: { keys: [] } }],
  ["a list of keys", { jwks: jwks.keys }],
  ["no set", { jwks: {} }],
  ["a set of null", { jwks: null }],
  ["no algorithm", { secret: SECRET, algorithms: [] }],
  ["none among the algorithms", { secret: SECRET, algorithms: ["HS256", "none"] }],
  ["None with keys", { jwks, algorithms: ["None"] }],
  ["an asymmetric algorithm with a secret", { secret: SECRET, algorithms: ["RS256"] }],
  ["HS256 with keys", { jwks, algorithms: ["RS256", "HS256"] }],
  ["an algorithm that there is not", { jwks, algorithms: ["RS257"] }],
  ["an algorithm that is a text", { secret: SECRET, algorithms: "HS256" }],
  ["an empty issuer", { secret: SECRET, issuer: "" }],
  ["no issuer in the list", { secret: SECRET, issuer: [] }],
  ["an empty one in the list", { secret: SECRET, issuer: ["a", ""] }],
  ["an empty audience", { secret: SECRET, audience: "" }],
  ["an audience of null", { secret: SECRET, audience: null }],
])("%s", (_, options) => {
  test.each(["", "a.b.c"])(
    "is an error of ours, not the client's, whatever the token (%j)",
    async (token) => {
      const verifying = jwt.verify({ token, ...options } as never);
      await expect(verifying).rejects.toMatchObject({
        code: "QR_INVALID_JWT_OPTIONS",
        fix: expect.any(String),
      });
      const { message } = await verifying.catch((error: Error) => error as Error & { message: string });
      expect(String(message)).not.toContain(SECRET);
    },
  );
});
