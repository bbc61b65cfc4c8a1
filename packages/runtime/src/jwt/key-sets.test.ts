import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { jwt } from "./jwt.js";
import { type KeyServer, startKeyServer } from "./testing/key-server.js";
import { makeKey, signedToken, type TestKey } from "./testing/tokens.js";

let old: TestKey;
let next: TestKey;
beforeAll(() => {
  old = makeKey("old");
  next = makeKey("next");
});

let server: KeyServer;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  server = await startKeyServer([old]);
});
afterEach(async () => {
  vi.useRealTimers();
  await server.stop();
});

const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000);
const verify = (key: TestKey, jwks: string | URL = server.url) =>
  jwt.verify({ token: signedToken(key, { sub: "ada" }), jwks }).then(
    ({ id }) => id,
    (error: Response | { code: string }) => ("status" in error ? error.status : error.code),
  );

test("keys are asked for once, and kept for ten minutes", async () => {
  expect(await Promise.all([verify(old), verify(old), verify(old, new URL(server.url))])).toEqual(
    Array(3).fill("ada"),
  );
  expect(await verify(old)).toBe("ada");
  pass(599);
  expect(await verify(old)).toBe("ada");
  expect(server.requests).toBe(1);
  pass(2);
  expect(await verify(old)).toBe("ada");
  expect(server.requests).toBe(2);
});

test("a key that the issuer has changed to is found, and the old one still is while it is published", async () => {
  expect(await verify(old)).toBe("ada");
  pass(31);
  server.keys = [old, next];
  expect(await verify(next)).toBe("ada");
  expect(await verify(old)).toBe("ada");
  expect(server.requests).toBe(2);
  pass(31);
  server.keys = [next];
  // Taken back by the issuer: it ends when the keys that are kept do.
  pass(600);
  expect(await verify(old)).toBe(403);
  expect(await verify(next)).toBe("ada");
});

test("unknown keys in tokens do not have the issuer asked again and again", async () => {
  expect(await verify(old)).toBe("ada");
  for (let round = 0; round < 20; round++) {
    expect(await verify(makeKeyCalled(`made-up-${round}`))).toBe(403);
    pass(1);
  }
  expect(server.requests).toBe(1);
  pass(30);
  await Promise.all([verify(makeKeyCalled("x")), verify(makeKeyCalled("y"))]);
  expect(server.requests).toBe(2);
});

test.each<[string, KeyServer["answer"]]>([
  ["an error", (response) => response.writeHead(503).end("busy")],
  ["a redirect", (response) => response.writeHead(302, { location: "http://evil.example/" }).end()],
  ["no JSON", (response) => response.end("<html>")],
  ["JSON of another kind", (response) => response.end('{"error":"x"}')],
  ["nothing, and hangs up", (response) => response.destroy()],
])(
  "an issuer that answers %s is a failure of ours, and is asked again by the next request",
  async (_, answer) => {
    server.answer = answer;
    expect(await verify(old)).toBe("QR_JWKS_UNAVAILABLE");
    server.answer = null;
    expect(await verify(old)).toBe("ada");
  },
);

test("an issuer that cannot be reached is named", async () => {
  await server.stop();
  await expect(jwt.verify({ token: signedToken(old, {}), jwks: server.url })).rejects.toMatchObject({
    code: "QR_JWKS_UNAVAILABLE",
    message: expect.stringContaining(server.url),
    cause: expect.any(Error),
  });
});

test("keys that are given are not usable when they are private, or none", async () => {
  const secret = old.privateKey.export({ format: "jwk" });
  const token = signedToken(old, { sub: "ada" });
  for (const keys of [[{ ...secret, kid: "old" }], ["x"], [null]]) {
    await expect(jwt.verify({ token, jwks: { keys: keys as object[] } })).rejects.toMatchObject({
      code: "QR_JWKS_UNAVAILABLE",
    });
  }
});

/** Signed with another key than it says. */
function makeKeyCalled(kid: string): TestKey {
  return { ...next, kid };
}
