import { beforeEach, describe, expect, test } from "vitest";
import { onLifecycle } from "../log/lifecycle-events.js";
import type { HttpRequest } from "./http-request.js";
import { ask } from "./testing/requests.js";

const errors: unknown[] = [];
beforeEach(() => {
  errors.length = 0;
  return onLifecycle("error", ({ error }) => errors.push(error));
});

const json = { "content-type": "application/json" };

describe("the handler's argument", () => {
  test("has all that the contract names, and destructures", async () => {
    const post = async (request: HttpRequest<{ a: number }, { id: string }>) => {
      const { body, params, query, cookies, headers, user, requestId, method, url } = request;
      return { body, params, query, cookies, host: headers.host, user, requestId, method, url };
    };
    const answer = await ask(
      { "/items/[id]": { post } },
      { method: "POST", path: "/items/x?q=1&q=2", headers: json, cookies: ["c=%20"], body: '{"a":1}' },
    );
    expect(answer.json()).toEqual({
      body: { a: 1 },
      params: { id: "x" },
      query: { q: ["1", "2"] },
      cookies: { c: " " },
      host: "api.example.com",
      user: null,
      requestId: "request-1",
      method: "POST",
      url: "https://api.example.com/items/x?q=1&q=2",
    });
  });

  test("reads the body in every way, any number of times, beside body", async () => {
    const post = async (request: HttpRequest) => ({
      body: request.body,
      json: [await request.json(), await request.json()],
      text: await request.text(),
      bytes: Buffer.from(await request.arrayBuffer()).toString(),
      fetch: await request.request.json(),
    });
    const answer = await ask({ "/": { post } }, { method: "POST", headers: json, body: '{"a":1}' });
    const a = { a: 1 };
    expect(answer.json()).toEqual({ body: a, json: [a, a], text: '{"a":1}', bytes: '{"a":1}', fetch: a });
  });

  test("gives forms as FormData too", async () => {
    const post = async (request: HttpRequest) => {
      const form = await request.formData();
      return { all: form.getAll("a"), body: request.body };
    };
    const type = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await ask({ "/": { post } }, { method: "POST", headers: type, body: "a=1&a=2" });
    expect(answer.json()).toEqual({ all: ["1", "2"], body: { a: ["1", "2"] } });
  });

  test("has the Request of the Fetch API, made of the same event", async () => {
    const put = async ({ request }: HttpRequest) => [
      request instanceof Request,
      request.method,
      request.url,
      request.headers.get("x-a"),
      Buffer.from(await request.arrayBuffer()).toString("hex"),
    ];
    const answer = await ask(
      { "/": { put } },
      { method: "PUT", path: "/?x=1", headers: { "x-a": "1" }, body: new Uint8Array([0, 255]) },
    );
    expect(answer.json()).toEqual([true, "PUT", "https://api.example.com/?x=1", "1", "00ff"]);
  });

  test("a host that no URL can have is 400 for a handler that asks for the Request", async () => {
    const get = ({ request }: HttpRequest) => request.url;
    expect((await ask({ "/": { get } }, { headers: { host: "a b" } })).status).toBe(400);
    expect(errors).toEqual([]);
  });
});

describe("methods", () => {
  test("a default export answers every method, or those it lists", async () => {
    const all = { "/": { default: ({ method }: HttpRequest) => method } };
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"])
      expect((await ask(all, { method })).text).toBe(method);
    expect((await ask(all, { method: "OPTIONS" })).status).toBe(204);
    expect((await ask(all, { method: "TRACE" })).status).toBe(405);
    const some = { "/": { ...all["/"], settings: { methods: ["GET", "PUT"] } } };
    expect((await ask(some, { method: "PUT" })).text).toBe("PUT");
    expect((await ask(some, { method: "HEAD" })).status).toBe(200);
    expect(await ask(some, { method: "POST" })).toMatchObject({
      status: 405,
      headers: { allow: "HEAD, GET, PUT, OPTIONS" },
    });
  });

  test("named exports come before the default", async () => {
    const modules = { "/": { get: () => "named", default: () => "default" } };
    expect((await ask(modules, {})).text).toBe("named");
    expect((await ask(modules, { method: "POST" })).text).toBe("default");
  });

  test("del and delete are DELETE, options is the handler's own", async () => {
    expect((await ask({ "/": { delete: () => "x" } }, { method: "DELETE" })).text).toBe("x");
    expect((await ask({ "/": { options: () => "mine" } }, { method: "OPTIONS" })).text).toBe("mine");
  });

  test("an export that is no function is an error that names it", async () => {
    expect((await ask({ "/": { get: 1 } }, {})).status).toBe(500);
    expect(errors).toEqual([expect.objectContaining({ code: "QR_INVALID_EXPORT" })]);
  });
});

describe("CORS", () => {
  const preflight = {
    method: "OPTIONS",
    headers: { origin: "https://a", "access-control-request-method": "PUT" },
  };

  test("is on every answer, errors too", async () => {
    const modules = { "/": { get: () => "x" }, "/fails": { get: () => Symbol("x") } };
    for (const request of [{}, { path: "/none" }, { method: "PUT" }, { path: "/fails" }, { path: "/%zz" }]) {
      expect((await ask(modules, request)).headers).toMatchObject({
        "access-control-allow-origin": "*",
        "access-control-expose-headers": "X-Job-Id, Location, X-Request-Id",
        "x-request-id": "request-1",
      });
    }
  });

  test("answers preflights: the route's methods, the headers that were asked for", async () => {
    const answer = await ask(
      { "/": { put: () => 1 } },
      {
        ...preflight,
        headers: { ...preflight.headers, "access-control-request-headers": "x-a, content-type" },
      },
    );
    expect(answer).toMatchObject({
      status: 204,
      headers: {
        "access-control-allow-methods": "PUT, OPTIONS",
        "access-control-allow-headers": "x-a, content-type",
      },
    });
    const odd = { ...preflight.headers, "access-control-request-headers": "x\r\ny: z" };
    expect(
      (await ask({ "/": { put: () => 1 } }, { ...preflight, headers: odd })).headers[
        "access-control-allow-headers"
      ],
    ).toBe("authorization, content-type");
  });

  test("can be turned off, and be the handler's own", async () => {
    const off = { "/": { get: () => "x", settings: { cors: false } } };
    expect((await ask(off, {})).headers["access-control-allow-origin"]).toBeUndefined();
    expect((await ask(off, preflight)).headers["access-control-allow-methods"]).toBeUndefined();
    const own = {
      "/": { get: () => new Response("x", { headers: { "access-control-allow-origin": "https://a" } }) },
    };
    expect((await ask(own, {})).headers["access-control-allow-origin"]).toBe("https://a");
  });
});

describe("limits", () => {
  test("a body that is too large is 413, by its bytes", async () => {
    const modules = { "/": { post: () => "x", settings: { maxBodyBytes: 4 } } };
    const post = async (body: string | Uint8Array) => (await ask(modules, { method: "POST", body })).status;
    expect(await post("1234")).toBe(200);
    expect(await post("12345")).toBe(413);
    expect(await post("üü1")).toBe(413);
    expect(await post(new Uint8Array(4))).toBe(200);
    expect(await post(new Uint8Array(5))).toBe(413);
  });

  test("a type that is not accepted is 415", async () => {
    const modules = { "/": { post: () => "x", settings: { accepts: ["application/json"] } } };
    const post = async (headers: Record<string, string>) =>
      (await ask(modules, { method: "POST", headers, body: "1" })).status;
    expect(await post(json)).toBe(200);
    expect(await post({ "content-type": "text/plain" })).toBe(415);
    expect(await post({})).toBe(415);
    expect((await ask(modules, { method: "POST" })).status).toBe(200);
  });
});
