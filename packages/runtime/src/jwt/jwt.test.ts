import { createHmac, randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { jwt } from "./jwt.js";
import {
  encodePart,
  hmacToken,
  makeKey,
  secondsFromNow,
  signedToken,
  type TestKey,
} from "./testing/tokens.js";

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

/** What a refusal answers: its status, and why. */
async function refusal(verifying: Promise<unknown>): Promise<{ status: number; error: string }> {
  const thrown = await verifying.then(
    (claims) => ({ accepted: claims }),
    (error: unknown) => error,
  );
  if (!(thrown instanceof Response)) throw new Error("Not refused", { cause: thrown });
  const { error } = await thrown.json();
  return { status: thrown.status, error };
}
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

describe("what is no token", () => {
  const [header, claims, signature] = good.split(".");
  test.each([
    ["one part", "abc"],
    ["dots alone", ".."],
    ["a thousand dots", ".".repeat(1_000)],
    ["four parts", `${good}.x`],
    ["five parts, as encrypted ones have", `${good}.x.y`],
    ["a space in front", ` ${good}`],
    ["a line break behind", `${good}\n`],
    ["padding", `${good}==`],
    ["the scheme with it", `Bearer ${good}`],
    ["base64 in place of base64url", `${header}.${claims}.${signature?.replace(/./, "+")}`],
    ["letters that are no ASCII", good.replace(/./u, "е")],
    ["an emoji", "😀.😀.😀"],
    ["a lone surrogate", `\ud800.${claims}.${signature}`],
    ["a NUL", `${good}\u0000`],
    ["a header that is no JSON", `${encodePart("{alg")}.${claims}.${signature}`],
    ["a header that is a list", `${encodePart([HS256])}.${claims}.${signature}`],
    ["a header that is null", `${encodePart("null")}.${claims}.${signature}`],
    ["no header", `.${claims}.${signature}`],
    ["65,537 characters", "a".repeat(65_537)],
    ["a megabyte of header", `${encodePart({ ...HS256, x: "a".repeat(1_000_000) })}.${claims}.${signature}`],
    ["a list", [good]],
    ["two of them", [good, good]],
    ["an object", { toString: () => good }],
    ["a number", 7],
    ["true", true],
  ])("%s is refused", async (_, token) => {
    expect((await refusal(bySecret(token))).status).toBe(403);
    expect((await refusal(jwt.verify({ token: token as string, jwks }))).status).toBe(403);
  });

  test.each(["[]", '"ada"', "null", "7", "{", ""])("claims of %j are none", async (text) => {
    expect((await refusal(bySecret(hmacToken(HS256, text, SECRET)))).status).toBe(403);
  });

  test("claims that are not UTF-8 are none", async () => {
    const bytes = Buffer.concat([Buffer.from('{"sub":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    const signed = `${encodePart(HS256)}.${bytes.toString("base64url")}`;
    const token = `${signed}.${createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
    expect((await refusal(bySecret(token))).status).toBe(403);
  });

  test("random changes of a good token are refused, each as a client's mistake", async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    console.log("seed %d", seed);
    let state = seed;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
      return (state >> 8) % below;
    };
    const alphabet = "ABCxyz019-_.=+/ é\u0000";
    const published = signedToken(rsa, { sub: "ada" });
    for (let round = 0; round < 300; round++) {
      for (const original of [good, published]) {
        const at = random(original.length - 4);
        const changed = `${original.slice(0, at)}${alphabet[random(alphabet.length)]}${original.slice(at + random(3))}`;
        if (changed === original) continue;
        const { status } = await refusal(original === good ? bySecret(changed) : bySet(changed));
        expect([changed, status]).toEqual([changed, 403]);
      }
    }
  });
});

test("nothing of the token comes back in the answer", async () => {
  const token = hmacToken({ ...HS256, kid: "<b>\r\nx: y" }, { sub: "<b>" }, "x");
  const thrown = await bySecret(token).catch((error: Response) => error);
  if (!(thrown instanceof Response)) throw new Error("Not refused");
  expect(`${JSON.stringify([...thrown.headers])}${await thrown.text()}`).not.toMatch(/<b>|x: y/);
});
