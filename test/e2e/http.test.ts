import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { journalOf, journalSource } from "../harness/journal.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

const files = {
  "lib/journal.ts": journalSource,
  "api/index.ts": `
    export const get = () => ({ hello: "world" });
    export const post = ({ body }: { body: unknown }) => ({ type: typeof body, body });`,
  "api/orders/[id].ts": "export const get = ({ params }) => params;",
  "api/orders/latest.ts": 'export const get = () => "latest";',
  "api/reports/[...rest].ts": "export const get = ({ params }) => params.rest;",
  "api/orders.[format].ts": "export const get = ({ params }) => params.format;",
  "api/feed.xml.ts":
    'export const get = () => new Response("<feed/>", { headers: { "content-type": "application/xml" } });',
  "api/echo.ts": `
    export const config = { maxBody: "6MB" };
    export const post = ({ body }) => body;`,
  "api/query.ts": "export const get = ({ query, cookies }) => ({ query, cookies });",
  "api/nothing.ts": "export const get = () => null;",
  "api/stream.ts": `
    export function get() {
      const encoder = new TextEncoder();
      const body = new ReadableStream({
        async start(controller) {
          for (const part of ["one,", "two,", "three"]) {
            controller.enqueue(encoder.encode(part));
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
          controller.close();
        },
      });
      return new Response(body, { status: 203, headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-own", "yes"]] });
    }`,
  "api/slow.ts": `
    import { setTimeout as sleep } from "node:timers/promises";
    export async function get() {
      const from = Date.now();
      await sleep(300);
      return { from, to: Date.now() };
    }`,
  "api/signal.ts": `
    import { note } from "#lib/journal.js";
    export const config = { timeout: 1 };
    export async function get({ signal }) {
      signal.addEventListener("abort", () => note("aborted"));
      await new Promise(() => {});
    }`,
  "api/small.ts":
    'export const config = { maxBody: "10B", accepts: ["text/*"] }; export const post = ({ body }) => body;',
  "api/hooks/_middleware.ts": `
    import { note } from "#lib/journal.js";
    export function onRequest(request: Request) {
      if (request.headers.get("x-stop")) return new Response("stopped", { status: 418 });
    }
    export function onResponse(request: Request, response: Response) { response.headers.set("x-hooked", "yes"); }
    export function onError(error: Error, request: Request) {
      note("onError", { message: error.message, path: new URL(request.url).pathname });
    }`,
  "api/hooks/index.ts": 'export const get = () => "hooked";',
  "api/hooks/fails.ts": 'export const get = () => { throw new Error("it"); };',
};

describe("HTTP, through the server", () => {
  let project: TemporaryProject;
  let server: DevServer;
  beforeAll(async () => {
    project = makeProject(files, { keep: true });
    server = await startDev(project.folder, { keep: true });
  });
  afterAll(async () => {
    await server?.stop();
    project?.dispose();
  });

  const text = async (path: string, init?: RequestInit) => (await server.fetch(path, init)).text();
  const json = async (path: string, init?: RequestInit) => JSON.parse(await text(path, init));

  it("routes: static before parameter before catch-all, values decoded once", async () => {
    expect(await json("/")).toEqual({ hello: "world" });
    expect(await text("/orders/latest")).toBe("latest");
    expect(await json("/orders/a%2Fb%2520c")).toEqual({ id: "a/b%20c" });
    expect(await json("/reports/2026/11/22")).toEqual(["2026", "11", "22"]);
    expect(await text("/orders.json")).toBe("json");
    expect(await text("/feed.xml")).toBe("<feed/>");
    expect((await server.fetch("/orders/%E0%A4%A")).status).toBe(400);
    expect((await server.fetch("/nowhere")).status).toBe(404);
  });

  it("answers HEAD, OPTIONS and methods that are not there", async () => {
    const head = await server.fetch("/", { method: "HEAD" });
    expect([head.status, await head.text(), head.headers.get("content-type")]).toEqual([
      200,
      "",
      expect.stringContaining("application/json"),
    ]);
    const options = await server.fetch("/", {
      method: "OPTIONS",
      headers: { origin: "http://app.example", "access-control-request-method": "POST" },
    });
    expect([options.status, options.headers.get("access-control-allow-methods")]).toEqual([
      204,
      expect.stringContaining("POST"),
    ]);
    const refused = await server.fetch("/", { method: "DELETE", headers: { origin: "http://app.example" } });
    expect([refused.status, refused.headers.get("allow")]).toEqual([405, expect.stringContaining("GET")]);
    expect(refused.headers.get("access-control-allow-origin")).toBeTruthy();
    expect(refused.headers.get("access-control-expose-headers")).toMatch(/x-request-id/i);
  });

  it("keeps bytes, forms and text as they were sent", async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 256));
    const echoed = await server.fetch("/echo", {
      method: "POST",
      body: bytes,
      headers: { "content-type": "application/octet-stream" },
    });
    expect(Buffer.compare(Buffer.from(await echoed.arrayBuffer()), bytes)).toBe(0);
    expect(
      await text("/echo", { method: "POST", body: "Grüße 世界", headers: { "content-type": "text/plain" } }),
    ).toBe("Grüße 世界");
    expect(await json("/echo", { method: "POST", body: new URLSearchParams("a=1&b=2&a=%C3%A9") })).toEqual({
      a: ["1", "é"],
      b: "2",
    });
    expect(
      await json("/", {
        method: "POST",
        body: '{"__proto__":{"polluted":1},"a":1}',
        headers: { "content-type": "application/json" },
      }),
    ).toMatchObject({ type: "object" });
    const mebibytes = "x".repeat(3 * 1024 * 1024);
    expect(
      await text("/echo", { method: "POST", body: mebibytes, headers: { "content-type": "text/plain" } }),
    ).toBe(mebibytes);
  });

  it("reads queries and cookies", async () => {
    expect(
      await json("/query?a=1&b=x%20y&a=2&empty=", { headers: { cookie: "session=a%20b; theme=dark" } }),
    ).toEqual({
      query: { a: ["1", "2"], b: "x y", empty: "" },
      cookies: { session: "a b", theme: "dark" },
    });
  });

  it("streams a Response with its status and headers", async () => {
    const response = await server.fetch("/stream");
    expect([response.status, response.headers.getSetCookie(), response.headers.get("x-own")]).toEqual([
      203,
      ["a=1", "b=2"],
      "yes",
    ]);
    expect(await response.text()).toBe("one,two,three");
    expect((await server.fetch("/nothing")).status).toBe(204);
  });

  it("answers 304 to whoever has it already", async () => {
    const first = await server.fetch("/");
    const etag = first.headers.get("etag") ?? "";
    expect(etag).not.toBe("");
    const second = await server.fetch("/", { headers: { "if-none-match": etag } });
    expect([second.status, await second.text()]).toEqual([304, ""]);
  });

  it("counts a body as it arrives, whatever its length claims to be", async () => {
    const send = (body: string, type: string) =>
      server.fetch("/small", { method: "POST", body, headers: { "content-type": type } });
    expect((await send("1234567890", "text/plain")).status).toBe(200);
    expect((await send("12345678901", "text/plain")).status).toBe(413);
    expect((await send("{}", "application/json")).status).toBe(415);
    const status = await new Promise((resolve, reject) => {
      const chunked = request(
        {
          host: "127.0.0.1",
          port: server.port,
          path: "/small",
          method: "POST",
          headers: { "content-type": "text/plain" },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      chunked.on("error", reject);
      chunked.write("1234567");
      chunked.end("8901234");
    });
    expect(status).toBe(413);
  });

  it("runs requests side by side", async () => {
    type Span = { from: number; to: number };
    const spans: Span[] = await Promise.all(Array.from({ length: 8 }, () => json("/slow")));
    const [first, second] = spans.sort((a, b) => a.from - b.from);
    expect(second?.from).toBeLessThan(first?.to ?? 0);
  });

  it("answers 504 when the time is up, and tells the handler by its signal", async () => {
    expect((await server.fetch("/signal")).status).toBe(504);
    await journalOf(project.folder).until("aborted", 1);
  });

  it("runs the hooks of the nearest middleware", async () => {
    const hooked = await server.fetch("/hooks");
    expect([await hooked.text(), hooked.headers.get("x-hooked")]).toEqual(["hooked", "yes"]);
    expect((await server.fetch("/hooks", { headers: { "x-stop": "1" } })).status).toBe(418);
    expect((await server.fetch("/hooks/fails")).status).toBe(500);
    expect(await journalOf(project.folder).until("onError", 1)).toMatchObject([
      { message: "it", path: "/hooks/fails" },
    ]);
    expect((await server.fetch("/")).headers.get("x-hooked")).toBeNull();
  });
});
