import { createHmac } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { jwt } from "./jwt.js";
import { refusal } from "./testing/refusal.js";
import { encodePart, hmacToken, makeKey, signedToken, type TestKey } from "./testing/tokens.js";

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
