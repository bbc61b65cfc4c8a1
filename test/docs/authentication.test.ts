import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { openPage } from "../harness/page.js";
import { copyProject, type TemporaryProject } from "../harness/temporary-project.js";

const SECRET = "32 random bytes, as text, or more";
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;

describe("authentication as the documentation shows it", () => {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  let project: TemporaryProject;
  let server: DevServer;
  let published: Awaited<ReturnType<typeof openPage>>;
  let issuer: string;
  beforeAll(async () => {
    const keys = [{ ...publicKey.export({ format: "jwk" }), kid: "k1" }];
    published = await openPage(JSON.stringify({ keys }));
    issuer = published.page.url;
    project = copyProject("test/fixtures/docs", {
      keep: true,
      packages: ["@types/node", "zod", "hono", "jose"],
    });
    const env = {
      SESSION_SECRET: SECRET,
      ISSUER: issuer,
      GOOGLE_CLIENT_ID: "shop.apps.googleusercontent.com",
    };
    server = await startDev(project.folder, { keep: true, env });
  });
  afterAll(async () => {
    await server?.stop();
    await published?.close();
    project?.dispose();
  });

  const status = async (path: string, headers: Record<string, string> = {}) =>
    (await server.fetch(path, { headers })).status;

  it("signs in with a password, and goes on with the cookie", async () => {
    const signIn = (pair: string) =>
      server.fetch("/sessions", {
        method: "POST",
        headers: { authorization: `Basic ${Buffer.from(pair).toString("base64")}` },
      });
    expect((await signIn("ada:wrong")).status).toBe(401);
    expect((await signIn("eve:lovelace")).status).toBe(401);
    expect((await signIn("__proto__:lovelace")).status).toBe(401);
    const signedIn = await signIn("ada:lovelace");
    const [cookie = ""] = signedIn.headers.getSetCookie();
    expect([signedIn.status, cookie]).toEqual([204, expect.stringMatching(/^session=[\w.-]+; .*HttpOnly/)]);
    const [session = ""] = cookie.split(";");
    const account = await server.fetch("/account", { headers: { cookie: session } });
    expect(await account.json()).toEqual({ id: "ada" });
    const pushed = await server.fetch("/account", { method: "POST", headers: { cookie: session } });
    expect(await pushed.json()).toEqual({ jobId: expect.any(String) });
    await server.printed("Sending “Your account” to ada@example.com");
  });

  it("takes the same token from a header, and no other", async () => {
    const signed = `${part({ alg: "HS256" })}.${part({ sub: "bob", exp: inAnHour() })}`;
    const token = `${signed}.${createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
    expect(await status("/account", { authorization: `Bearer ${token}` })).toBe(200);
    expect(await status("/account")).toBe(401);
    expect(await status("/account", { authorization: `Bearer ${signed}.AAAA` })).toBe(403);
    expect(
      await status("/account", { cookie: `session=${part({ alg: "none" })}.${part({ sub: "eve" })}.` }),
    ).toBe(403);
    expect(await status("/account/help")).toBe(200);
  });

  it("takes what the issuer signed with its published key, for us", async () => {
    const ask = (claims: object) => {
      const all = { iss: issuer, aud: "https://shop.example.com", sub: "p1", exp: inAnHour(), ...claims };
      const signed = `${part({ alg: "RS256", kid: "k1" })}.${part(all)}`;
      const signature = sign("sha256", Buffer.from(signed), privateKey).toString("base64url");
      return server.fetch("/partners/stock", { headers: { authorization: `Bearer ${signed}.${signature}` } });
    };
    expect(await (await ask({ scope: "stock:read orders:write" })).json()).toEqual({ tea: 12, cups: 3 });
    const refused = async (claims: object) => (await ask({ scope: "stock:read", ...claims })).status;
    expect(await refused({ scope: "orders:write" })).toBe(403);
    expect(await refused({ iss: "https://evil.example/" })).toBe(403);
    expect(await refused({ aud: "https://other.example.com" })).toBe(403);
    expect(await refused({ exp: 1 })).toBe(403);
    expect(await status("/partners/stock")).toBe(401);
  });

  it("asks for Google's token", async () => {
    expect(await status("/google")).toBe(401);
    expect(await status("/google", { cookie: "credential=nonsense" })).toBe(403);
  });
});
