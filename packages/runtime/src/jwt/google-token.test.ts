import { afterAll, beforeAll, expect, test } from "vitest";
import { verifyGoogleToken } from "./google-token.js";
import { jwt } from "./jwt.js";
import { type KeyServer, startKeyServer } from "./testing/key-server.js";
import { makeKey, secondsFromNow, signedToken, type TestKey } from "./testing/tokens.js";

const CLIENT = "123.apps.googleusercontent.com";
let key: TestKey;
let google: KeyServer;
beforeAll(async () => {
  key = makeKey("google-1");
  google = await startKeyServer([key]);
});
afterAll(() => google.stop());

const idToken = (claims: Record<string, unknown> = {}) =>
  signedToken(key, {
    iss: "https://accounts.google.com",
    aud: CLIENT,
    sub: "1069",
    email: "ada@example.com",
    exp: secondsFromNow(60),
    ...claims,
  });
const verify = (token: string | undefined, options: object = {}) =>
  verifyGoogleToken({ token, clientId: CLIENT, ...options }, google.url);

test("an ID token gives the user: the subject is the id, whatever else the token says", async () => {
  expect(await verify(idToken({ id: "somebody" }))).toMatchObject({ id: "1069", email: "ada@example.com" });
  expect(await verify(idToken({ iss: "accounts.google.com" }))).toMatchObject({ id: "1069" });
  expect(await verify(idToken({ hd: "example.com" }), { hostedDomain: "example.com" })).toMatchObject({
    hd: "example.com",
  });
});

test.each<[string, Record<string, unknown>, object]>([
  ["for another app", { aud: "456.apps.googleusercontent.com" }, {}],
  ["of another issuer", { iss: "https://accounts.google.com.evil.example" }, {}],
  ["without an end", { exp: undefined }, {}],
  ["without a subject", { sub: undefined }, {}],
  ["that has expired", { exp: 1 }, {}],
  ["of another domain", { hd: "evil.example" }, { hostedDomain: "example.com" }],
  ["of no domain", {}, { hostedDomain: "example.com" }],
])("a token %s is refused", async (_, claims, options) => {
  await expect(verify(idToken(claims), options)).rejects.toMatchObject({ status: 403 });
});

test("no token is 401, and a client id that is not set is an error: any app's token would do", async () => {
  await expect(verify(undefined)).rejects.toMatchObject({ status: 401 });
  for (const clientId of [undefined, "", []])
    await expect(verify(idToken(), { clientId })).rejects.toMatchObject({ code: "QR_INVALID_JWT_OPTIONS" });
  await expect(jwt.google({ token: "", clientId: "" })).rejects.toMatchObject({
    code: "QR_INVALID_JWT_OPTIONS",
  });
});
