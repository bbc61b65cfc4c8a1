import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { jwt } from "./jwt.js";
import { refusal } from "./testing/refusal.js";
import { hmacToken, makeKey, secondsFromNow, signedToken, type TestKey } from "./testing/tokens.js";

const SECRET = "what only the issuer and we know";
const HS256 = { alg: "HS256", typ: "JWT" };
const good = hmacToken(HS256, { sub: "ada" }, SECRET);

let rsa: TestKey;
let jwks: { keys: object[] };
beforeAll(() => {
  rsa = makeKey("2026-11");
  jwks = { keys: [rsa.jwk] };
});

const bySecret = (token: unknown, options = {}) =>
  jwt.verify({ token: token as string, secret: SECRET, ...options });
const bySet = (token: string, options = {}) => jwt.verify({ token, jwks, ...options });

describe("a good token", () => {
  test("gives its claims, and the subject as the user's id", async () => {
    const claims = { sub: "ada", role: "admin", exp: secondsFromNow(60), nbf: secondsFromNow(-60) };
    expect(await bySecret(hmacToken(HS256, claims, SECRET))).toEqual({ id: "ada", ...claims });
  });

  test("may have an id of its own; without both there is none", async () => {
    expect(await bySecret(hmacToken(HS256, { id: 7, sub: "ada" }, SECRET))).toEqual({ id: 7, sub: "ada" });
    expect(await bySecret(hmacToken(HS256, { a: 1 }, SECRET))).toEqual({ a: 1 });
  });

  test("is verified with a secret in bytes as with one in text", async () => {
    const secret = randomBytes(32);
    expect(await jwt.verify({ token: hmacToken(HS256, { sub: "ada" }, secret), secret })).toMatchObject({
      id: "ada",
    });
  });

  test.each(["RS256", "ES256", "EdDSA"])("may be signed with %s by a published key", async (alg) => {
    const key = makeKey("k", alg);
    expect(
      await jwt.verify({ token: signedToken(key, { sub: "ada" }), jwks: { keys: [rsa.jwk, key.jwk] } }),
    ).toEqual({ id: "ada", sub: "ada" });
  });

  test("that names no key is tried with each that it could be of", async () => {
    const keys = [makeKey("a").jwk, rsa.jwk, makeKey("b").jwk];
    const token = signedToken(rsa, { sub: "ada" }, { kid: undefined });
    expect(await jwt.verify({ token, jwks: { keys } })).toMatchObject({ id: "ada" });
    expect(await refusal(jwt.verify({ token, jwks: { keys: [keys[0] ?? {}, keys[2] ?? {}] } }))).toEqual({
      status: 403,
      error: "The token's signature is wrong",
    });
    const expired = signedToken(rsa, { sub: "ada", exp: 1 }, { kid: undefined });
    expect((await refusal(jwt.verify({ token: expired, jwks: { keys } }))).error).toBe(
      "The token has expired",
    );
  });

  test("a claim called __proto__ reaches no prototype", async () => {
    const claims = await bySecret(hmacToken(HS256, '{"sub":"ada","__proto__":{"admin":true}}', SECRET));
    expect(claims.admin).toBeUndefined();
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

test.each([undefined, null, ""])("without a token (%j) the answer is 401", async (token) => {
  const thrown = await bySecret(token).catch((error: Response) => error);
  expect(thrown).toBeInstanceOf(Response);
  expect(thrown).toMatchObject({ status: 401 });
  expect((thrown as unknown as Response).headers.get("www-authenticate")).toBe("Bearer");
  expect(await refusal(jwt.verify({ token, jwks }))).toEqual({ status: 401, error: "A token is required" });
});

describe("algorithms", () => {
  test("a secret means HS256 unless others are listed", async () => {
    const token = hmacToken({ alg: "HS512" }, { sub: "ada" }, SECRET);
    expect((await refusal(bySecret(token))).error).toBe("The token's algorithm is not allowed");
    expect((await refusal(bySecret(good, { algorithms: ["HS512"] }))).error).toBe(
      "The token's algorithm is not allowed",
    );
    expect(await bySecret(good, { algorithms: ["HS512", "HS256"] })).toMatchObject({ id: "ada" });
  });

  test("keys of an algorithm that is not listed are not used", async () => {
    expect((await refusal(bySet(signedToken(rsa, {}), { algorithms: ["ES256"] }))).status).toBe(403);
    expect(await bySet(signedToken(rsa, { sub: "ada" }), { algorithms: ["RS256"] })).toMatchObject({
      id: "ada",
    });
  });

  test("a key that says its algorithm is used for no other", async () => {
    const keys = [{ ...rsa.jwk, alg: "RS512" }];
    const token = signedToken(rsa, { sub: "ada" });
    expect((await refusal(jwt.verify({ token, jwks: { keys } }))).status).toBe(403);
  });

  test("a key for encrypting verifies nothing", async () => {
    const keys = [{ ...rsa.jwk, use: "enc" }];
    expect((await refusal(jwt.verify({ token: signedToken(rsa, {}), jwks: { keys } }))).status).toBe(403);
  });
});

describe("claims", () => {
  const claimed = (claims: object, options = {}) =>
    refusal(bySecret(hmacToken(HS256, { sub: "ada", ...claims }, SECRET), options));

  test.each([secondsFromNow(-1), secondsFromNow(0), 0, -1])("exp %s has passed", async (exp) => {
    expect(await claimed({ exp })).toEqual({ status: 403, error: "The token has expired" });
  });

  test("nbf in the future is not valid yet", async () => {
    expect(await claimed({ nbf: secondsFromNow(30) })).toEqual({
      status: 403,
      error: "The token is not valid yet",
    });
  });

  test.each(["9999999999", null, true, [9_999_999_999], {}, "never"])(
    "exp or nbf of %j is no time",
    async (time) => {
      expect((await claimed({ exp: time })).status).toBe(403);
      expect((await claimed({ nbf: time })).status).toBe(403);
    },
  );

  test("the issuer must be one of those that are named", async () => {
    const issuer = ["https://a.example", "https://b.example"];
    for (const iss of [
      "https://b.example/",
      "https://evil.example",
      "HTTPS://A.EXAMPLE",
      "",
      null,
      issuer,
      undefined,
    ])
      expect((await claimed({ iss }, { issuer })).status).toBe(403);
    expect((await claimed({ iss: "x" }, { issuer: "https://a.example" })).error).toBe(
      "The token is of another issuer",
    );
    const token = hmacToken(HS256, { sub: "ada", iss: "https://b.example" }, SECRET);
    expect(await bySecret(token, { issuer })).toMatchObject({ id: "ada" });
  });

  test("one of the audiences must be one of ours", async () => {
    for (const aud of ["other", ["other", "another"], "our", "ours2", [], {}, null, [["ours"]], undefined])
      expect((await claimed({ aud }, { audience: "ours" })).status).toBe(403);
    expect((await claimed({ aud: "x" }, { audience: ["ours", "mine"] })).error).toBe(
      "The token is for another audience",
    );
    const token = hmacToken(HS256, { sub: "ada", aud: ["other", "ours"] }, SECRET);
    expect(await bySecret(token, { audience: ["mine", "ours"] })).toMatchObject({ id: "ada" });
  });
});

test("types: one of secret and jwks, a token that may be missing, and claims of one's own", () => {
  const token = undefined as string | undefined;
  const verifying = {
    right: [
      () => jwt.verify({ token, secret: process.env.SECRET }),
      () => jwt.verify({ token, jwks: new URL("https://a.example"), issuer: "a", audience: ["b"] }),
      async (): Promise<string | undefined> => (await jwt.verify<{ role: string }>({ token, jwks })).role,
      async (): Promise<string> => (await jwt.google({ token, clientId: process.env.CLIENT })).id,
    ],
    wrong: [
      // @ts-expect-error neither
      () => jwt.verify({ token }),
      // @ts-expect-error both
      () => jwt.verify({ token, secret: SECRET, jwks }),
      // @ts-expect-error keys without a set
      () => jwt.verify({ token, jwks: jwks.keys }),
      // @ts-expect-error a token of a subject that may be missing
      async (): Promise<string> => (await jwt.verify({ token, secret: SECRET })).id,
    ],
  };
  expect(verifying.right).toHaveLength(verifying.wrong.length);
});
