import { beforeAll, describe, expect, test } from "vitest";
import { jwt } from "./jwt.js";
import { refusal } from "./testing/refusal.js";
import { encodePart, hmacToken, makeKey, signedToken, type TestKey } from "./testing/tokens.js";

const SECRET = "what only the issuer and we know";
const HS256 = { alg: "HS256", typ: "JWT" };
const good = hmacToken(HS256, { sub: "ada" }, SECRET);

let rsa: TestKey;
let attacker: TestKey;
let jwks: { keys: object[] };
beforeAll(() => {
  rsa = makeKey("2026-11");
  attacker = makeKey("attacker");
  jwks = { keys: [rsa.jwk] };
});

const bySecret = (token: unknown, options = {}) =>
  jwt.verify({ token: token as string, secret: SECRET, ...options });
const bySet = (token: string, options = {}) => jwt.verify({ token, jwks, ...options });

describe("unsigned tokens", () => {
  test.each(["none", "None", "NONE", "nOnE", "", " none", "none ", null, undefined, 0, true, ["none"], {}])(
    "alg %j is refused",
    async (alg) => {
      const parts = `${encodePart({ alg, kid: "2026-11" })}.${encodePart({ sub: "ada" })}`;
      for (const signature of ["", good.split(".")[2], encodePart("x")]) {
        expect((await refusal(bySecret(`${parts}.${signature}`))).status).toBe(403);
        expect((await refusal(bySet(`${parts}.${signature}`))).status).toBe(403);
      }
      expect((await refusal(bySecret(parts))).status).toBe(403);
    },
  );

  test("a signature that was taken away or changed is refused", async () => {
    const [header, claims, signature = ""] = good.split(".");
    for (const changed of ["", signature.slice(0, -2), `${signature}AA`, signature.replace(/./, "_")])
      expect((await refusal(bySecret(`${header}.${claims}.${changed}`))).status).toBe(403);
    expect(await refusal(bySecret(`${header}.${encodePart({ sub: "eve" })}.${signature}`))).toEqual({
      status: 403,
      error: "The token's signature is wrong",
    });
    expect((await refusal(bySecret(hmacToken(HS256, { sub: "ada" }, "another secret")))).status).toBe(403);
  });
});

describe("key confusion", () => {
  test("a published key as HMAC secret opens nothing, in any of its forms", async () => {
    const forms = [
      rsa.publicKey.export({ format: "pem", type: "spki" }),
      rsa.publicKey.export({ format: "pem", type: "pkcs1" }),
      rsa.publicKey.export({ format: "der", type: "spki" }),
      JSON.stringify(rsa.jwk),
      Buffer.from(String(rsa.jwk.n), "base64url"),
    ];
    for (const form of forms) {
      for (const alg of ["HS256", "RS256", "hs256"]) {
        const token = hmacToken({ alg, kid: rsa.kid }, { sub: "eve" }, form);
        expect((await refusal(bySet(token))).status).toBe(403);
      }
    }
  });

  test("a shared secret that got into a key set is not used", async () => {
    const k = Buffer.from(SECRET).toString("base64url");
    const keys = [{ kty: "oct", k, kid: "x", alg: "HS256" }];
    const token = hmacToken({ alg: "HS256", kid: "x" }, { sub: "eve" }, SECRET);
    expect((await refusal(jwt.verify({ token, jwks: { keys } }))).status).toBe(403);
  });

  test("a token signed with a private key is nothing to a secret", async () => {
    expect(await refusal(bySecret(signedToken(rsa, { sub: "ada" })))).toEqual({
      status: 403,
      error: "The token's algorithm is not allowed",
    });
  });
});

describe("headers that name keys", () => {
  test.each([
    "../../../../dev/null",
    "/dev/null",
    "2026-11' OR '1'='1",
    "2026-11\u0000",
    "__proto__",
    "constructor",
    "toString",
    "2026-1١",
    "",
    7,
    null,
    ["2026-11"],
    { $ne: 1 },
  ])("kid %j finds nothing", async (kid) => {
    expect((await refusal(bySet(signedToken(attacker, { sub: "eve" }, { kid })))).status).toBe(403);
    expect((await refusal(bySet(hmacToken({ alg: "HS256", kid }, { sub: "eve" }, "")))).status).toBe(403);
  });

  test("jku, x5u, jwk and x5c bring no key along, and nothing is fetched", async () => {
    const fetched: unknown[] = [];
    const original = globalThis.fetch;
    globalThis.fetch = async (input) => {
      fetched.push(input);
      return Response.json({ keys: [attacker.jwk] });
    };
    try {
      const pem = attacker.publicKey.export({ format: "der", type: "spki" }).toString("base64");
      for (const header of [
        { jku: "https://evil.example/jwks.json" },
        { x5u: "https://evil.example/cert.pem" },
        { jwk: attacker.jwk },
        { x5c: [pem] },
        { jwk: attacker.jwk, jku: "https://evil.example", kid: undefined },
      ]) {
        expect((await refusal(bySet(signedToken(attacker, { sub: "eve" }, header)))).status).toBe(403);
        const asOurs = signedToken(attacker, { sub: "eve" }, { ...header, kid: rsa.kid });
        expect(await refusal(bySet(asOurs))).toEqual({
          status: 403,
          error: "The token's signature is wrong",
        });
        // A good token may carry them: they are ignored.
        expect(await bySet(signedToken(rsa, { sub: "ada" }, { ...header, kid: rsa.kid }))).toMatchObject({
          id: "ada",
        });
      }
      expect(fetched).toEqual([]);
    } finally {
      globalThis.fetch = original;
    }
  });

  test.each([
    { crit: ["exp"] },
    { crit: ["b64"], b64: false },
    { crit: ["http://example.com/ext"], "http://example.com/ext": 1 },
    { crit: [] },
    { crit: "b64", b64: true },
    { crit: ["alg"] },
  ])("what is marked as critical is not passed over: %j", async (header) => {
    expect((await refusal(bySecret(hmacToken({ ...HS256, ...header }, { sub: "ada" }, SECRET)))).status).toBe(
      403,
    );
  });
});
