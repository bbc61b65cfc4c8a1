import { Readable } from "node:stream";
import { html, raw } from "hono/html";
import { jsx } from "hono/jsx";
import { beforeEach, describe, expect, test } from "vitest";
import { onLifecycle } from "../log/lifecycle-events.js";
import { HttpReply } from "./reply.js";
import { ask, type TestRequest } from "./testing/requests.js";

/** Asks a route whose `get` returns (or throws) something. */
const get = (handler: () => unknown, request: TestRequest = {}) => ask({ "/": { get: handler } }, request);

const errors: unknown[] = [];
beforeEach(() => {
  errors.length = 0;
  return onLifecycle("error", ({ error }) => errors.push(error));
});

describe("what a handler returns", () => {
  test.each([
    ["an object", { a: 1 }, '{"a":1}', "application/json"],
    ["an array", [1], "[1]", "application/json"],
    ["a number", 7, "7", "application/json"],
    ["false", false, "false", "application/json"],
    ["a date", new Date(0), '"1970-01-01T00:00:00.000Z"', "application/json"],
    ["a string", "<b>ü", "<b>ü", "text/plain; charset=utf-8"],
    ["an empty string", "", "", "text/plain; charset=utf-8"],
    ["a Buffer", Buffer.from([0, 255]), "\0\xff", "application/octet-stream"],
    ["an ArrayBuffer", new Uint8Array([0, 255]).buffer, "\0\xff", "application/octet-stream"],
    ["an empty object", {}, "{}", "application/json"],
    ["an empty instance of a class", new (class Empty {})(), "{}", "application/json"],
    ["JSX", jsx("p", { class: "x" }, "1 < 2"), '<p class="x">1 &lt; 2</p>', "text/html; charset=utf-8"],
    ["an html template", html`<p>${"<"}${raw("<i>")}</p>`, "<p>&lt;<i></p>", "text/html; charset=utf-8"],
  ])("%s", async (_name, result, body, type) => {
    const answer = await get(() => result);
    expect(answer).toMatchObject({ status: 200, headers: { "content-type": type } });
    expect(type.startsWith("application/octet") ? answer.bytes.toString("latin1") : answer.text).toBe(body);
  });

  test("components that wait are awaited", async () => {
    const Late = async () => jsx("i", {}, "late");
    const answer = await get(() => jsx("p", {}, jsx(Late as never, {})));
    expect(answer.text).toBe("<p><i>late</i></p>");
  });

  test("null and undefined are 204 without a body", async () => {
    expect(await get(() => null)).toMatchObject({ status: 204, text: "" });
    expect(await get(() => undefined)).toMatchObject({ status: 204, text: "" });
    expect((await get(() => null)).headers["content-type"]).toBeUndefined();
  });

  test("a Response is sent as it is, with every cookie", async () => {
    const headers = new Headers({ "x-mine": "1", "content-type": "text/csv" });
    headers.append("set-cookie", "a=1; Path=/");
    headers.append("set-cookie", "b=2, c");
    const answer = await get(() => new Response("x,y", { status: 201, headers }));
    expect(answer).toMatchObject({ status: 201, text: "x,y", cookies: ["a=1; Path=/", "b=2, c"] });
    expect(answer.headers).toMatchObject({
      "x-mine": "1",
      "content-type": "text/csv",
      "x-request-id": "request-1",
    });
    expect(answer.headers["set-cookie"]).toBeUndefined();
  });

  test("a Response that streams, and one that has no body", async () => {
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("a"));
        controller.enqueue(new TextEncoder().encode("b"));
        controller.close();
      },
    });
    expect((await get(() => new Response(stream))).text).toBe("ab");
    expect(await get(() => new Response(null, { status: 304 }))).toMatchObject({ status: 304, text: "" });
    expect((await get(() => Response.redirect("https://example.com/", 303))).headers.location).toBe(
      "https://example.com/",
    );
  });

  test("a reply", async () => {
    const reply = new HttpReply(302, null, { location: "/x", "set-cookie": "a=1" });
    expect(await get(() => reply)).toMatchObject({
      status: 302,
      headers: { location: "/x" },
      cookies: ["a=1"],
    });
  });

  test.each([
    ["a function", () => () => 1],
    ["a symbol", () => Symbol("x")],
    ["a Map", () => new Map([[1, 2]])],
    ["an Error", () => new Error("x")],
    ["a web stream", () => new ReadableStream()],
    ["a stream of Node", () => Readable.from(["x"])],
    ["a bigint", () => ({ n: 1n })],
    [
      "a circular object",
      () => {
        const circular: { self?: unknown } = {};
        circular.self = circular;
        return circular;
      },
    ],
    ["a status that HTTP does not have", () => new HttpReply(99, "x")],
  ])("%s is an error of the handler", async (_name, handler) => {
    expect((await get(handler)).status).toBe(500);
    expect(errors).toEqual([expect.objectContaining({ code: "QR_INVALID_RESULT" })]);
  });

  test("a stream that breaks is 500 where nothing was sent yet", async () => {
    const stream = new ReadableStream({ pull: (controller) => controller.error(new Error("broken")) });
    expect(await get(() => new Response(stream))).toMatchObject({
      status: 500,
      text: '{"requestId":"request-1"}',
    });
    expect(errors).toEqual([new Error("broken")]);
  });
});

describe("what a handler throws", () => {
  test("a Response is the answer", async () => {
    const answer = await get(() => {
      throw Response.json({ error: "gone" }, { status: 410 });
    });
    expect(answer).toMatchObject({ status: 410, headers: { "access-control-allow-origin": "*" } });
    expect(answer.json()).toEqual({ error: "gone" });
    expect(errors).toEqual([]);
  });

  test("an error is logged, with its source, and the client learns the request's id alone", async () => {
    const sources: unknown[] = [];
    const stop = onLifecycle("error", ({ source }) => sources.push(source));
    const answer = await get(async () => {
      throw new Error("secret");
    });
    stop();
    expect(answer).toMatchObject({ status: 500, text: '{"requestId":"request-1"}' });
    expect(errors).toEqual([new Error("secret")]);
    expect(sources).toEqual([expect.objectContaining({ handler: "GET /", requestId: "request-1" })]);
  });

  test.each([undefined, null, "text", 7])("%j is an error too", async (thrown) => {
    const answer = await get(() => {
      throw thrown;
    });
    expect(answer.status).toBe(500);
    expect(errors).toEqual([thrown]);
  });
});

describe("headers", () => {
  test.each(["x\r\nset-cookie: a=1", "x\ny", "x\0", "snow \u2603"])(
    "a value of %j is never sent",
    async (value) => {
      expect((await get(() => new HttpReply(200, "", { "x-mine": value }))).status).toBe(500);
      expect((await get(() => new HttpReply(200, "", { "set-cookie": value }))).status).toBe(500);
      expect((await get(() => new HttpReply(200, "", { [value]: "x" }))).status).toBe(500);
      expect(errors).toHaveLength(3);
      const cached = await ask({ "/": { get: () => "x", config: { cache: value } } }, {});
      expect(cached.status).toBe(500);
      const tagged = await ask({ "/": { get: () => "x", config: { etag: () => value } } }, {});
      expect(tagged.status).toBe(500);
    },
  );
});

describe("HEAD", () => {
  test("is get without its body", async () => {
    const answer = await get(() => ({ a: "ü" }), { method: "HEAD" });
    expect(answer).toMatchObject({ status: 200, text: "", headers: { "content-length": "10" } });
    expect(answer.headers["content-type"]).toBe("application/json");
  });

  test("has a handler of its own where one is exported", async () => {
    const head = () => new HttpReply(200, null, { "x-head": "1" });
    expect((await ask({ "/": { get: () => "x", head } }, { method: "HEAD" })).headers["x-head"]).toBe("1");
  });

  test("cancels a stream that nobody will read", async () => {
    let cancelled = false;
    const stream = new ReadableStream({
      cancel() {
        cancelled = true;
      },
    });
    expect((await get(() => new Response(stream), { method: "HEAD" })).status).toBe(200);
    expect(cancelled).toBe(true);
  });
});
