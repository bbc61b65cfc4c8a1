import { describe, expect, test } from "vitest";
import { ask } from "./testing/requests.js";

describe("etag", () => {
  const modules = { "/": { get: () => ({ a: 1 }), post: () => ({ a: 1 }) } };

  test("a client that has this version gets 304", async () => {
    const first = await ask(modules, {});
    const again = await ask(modules, { headers: { "if-none-match": first.headers.etag ?? "" } });
    expect(again).toMatchObject({ status: 304, text: "", headers: { etag: first.headers.etag } });
    expect(again.headers["content-type"]).toBeUndefined();
    expect(again.headers["access-control-allow-origin"]).toBe("*");
    expect((await ask(modules, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
    expect((await ask(modules, { method: "HEAD", headers: { "if-none-match": "*" } })).status).toBe(304);
  });

  test("other methods and other statuses have none", async () => {
    expect((await ask(modules, { method: "POST", headers: { "if-none-match": "*" } })).status).toBe(200);
    const missing = { "/": { get: () => Response.json({}, { status: 404 }) } };
    expect((await ask(missing, {})).headers.etag).toBeUndefined();
  });

  test("false turns it off, a function makes it, the handler's own stays", async () => {
    const withConfig = (config: object, get: () => unknown = () => ({ version: 3 })) =>
      ask({ "/": { get, config } }, {});
    expect((await withConfig({ etag: false })).headers.etag).toBeUndefined();
    const etag = ({ version }: { version: number }) => `v${version}`;
    expect((await withConfig({ etag })).headers.etag).toBe('"v3"');
    expect((await withConfig({ etag: () => undefined })).headers.etag).toBeUndefined();
    const own = () => new Response("x", { headers: { etag: '"own"' } });
    expect((await withConfig({}, own)).headers.etag).toBe('"own"');
    const modules304 = { "/": { get: own } };
    expect(await ask(modules304, { headers: { "if-none-match": '"own"' } })).toMatchObject({
      status: 304,
      text: "",
    });
  });
});

describe("Last-Modified", () => {
  const date = "Sun, 22 Nov 2026 07:00:00 GMT";
  const modules = {
    "/": { get: () => new Response("x", { headers: { "last-modified": date, etag: '"a"' } }) },
  };
  const statusFor = async (headers: Record<string, string>) => (await ask(modules, { headers })).status;

  test("a client that has this version, or a later one, gets 304", async () => {
    expect(await statusFor({ "if-modified-since": date })).toBe(304);
    expect(await statusFor({ "if-modified-since": "Mon, 23 Nov 2026 07:00:00 GMT" })).toBe(304);
    expect(await statusFor({ "if-modified-since": "Sun, 22 Nov 2026 06:59:59 GMT" })).toBe(200);
  });

  test("a date that is none, or beside a validator, says nothing", async () => {
    expect(await statusFor({ "if-modified-since": "yesterday" })).toBe(200);
    expect(await statusFor({ "if-modified-since": date, "if-none-match": '"b"' })).toBe(200);
    expect((await ask({ "/": { get: () => "x" } }, { headers: { "if-modified-since": date } })).status).toBe(
      200,
    );
  });
});

describe("cache", () => {
  const cacheControl = async (cache: unknown, extra: object = {}) =>
    (await ask({ "/": { get: () => ({ seconds: 9 }), config: { cache }, ...extra } }, {})).headers[
      "cache-control"
    ];

  test("seconds, a string, a function of the result", async () => {
    expect(await cacheControl(60)).toBe("public, max-age=60");
    expect(await cacheControl("no-store")).toBe("no-store");
    expect(await cacheControl(({ seconds }: { seconds: number }) => seconds)).toBe("public, max-age=9");
    expect(await cacheControl(() => undefined)).toBeUndefined();
    expect(await cacheControl(undefined)).toBeUndefined();
  });

  test("what a user was shown is private", async () => {
    expect(await cacheControl(60, { authenticate: () => ({ id: "u" }) })).toBe("private, max-age=60");
  });

  test("what depends on the user is not shown to others", async () => {
    const varying = async (extra: object, config: object = { cache: 60 }) =>
      (await ask({ "/": { get: () => "x", config, ...extra } }, {})).headers.vary;
    expect(await varying({ authenticate: () => null })).toBe("authorization, cookie");
    expect(await varying({ authenticate: null })).toBeUndefined();
    expect(await varying({ authenticate: () => null }, {})).toBeUndefined();
    const get = () => new Response("x", { headers: { vary: "accept" } });
    expect(await varying({ authenticate: () => null, get })).toBe("accept");
  });

  test("the handler's own header stays, and failures are not cached", async () => {
    const get = () => new Response("x", { headers: { "cache-control": "no-cache" } });
    expect((await ask({ "/": { get, config: { cache: 60 } } }, {})).headers["cache-control"]).toBe(
      "no-cache",
    );
    const failing = () => {
      throw new Response(null, { status: 404 });
    };
    expect(
      (await ask({ "/": { get: failing, config: { cache: 60 } } }, {})).headers["cache-control"],
    ).toBeUndefined();
  });
});
