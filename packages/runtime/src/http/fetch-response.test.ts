import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { ask } from "./testing/requests.js";

/** Where a handler gets the answer that it hands on. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}
const handOn = (url: string) => ask({ "/": { get: () => fetch(url) } }, {});

test.each([
  ["gzip", gzipSync],
  ["br", brotliCompressSync],
])("an answer that came encoded (%s) is handed on as it was read", async (encoding, compress) => {
  const url = await serve((_request, response) => {
    const body = compress("text".repeat(100));
    response.writeHead(203, {
      "content-encoding": encoding,
      "content-length": body.length,
      "content-type": "text/x-odd",
      "keep-alive": "timeout=5",
      "x-own": "1",
      "set-cookie": ["a=1", "b=2"],
    });
    response.end(body);
  });
  const answer = await handOn(url);
  expect(answer).toMatchObject({ status: 203, text: "text".repeat(100), cookies: ["a=1", "b=2"] });
  expect(answer.headers).toMatchObject({ "content-type": "text/x-odd", "x-own": "1" });
  for (const name of ["content-encoding", "content-length", "connection", "keep-alive", "transfer-encoding"])
    expect([name, answer.headers[name]]).toEqual([name, undefined]);
});

test("what fetch does not decode keeps its encoding, and so does a Response that the handler has made", async () => {
  const url = await serve((_request, response) => {
    response.writeHead(200, { "content-encoding": "odd" });
    response.end("bytes");
  });
  expect((await handOn(url)).headers["content-encoding"]).toBe("odd");
  const body = gzipSync("x");
  const get = () => new Response(body, { headers: { "content-encoding": "gzip" } });
  const answer = await ask({ "/": { get } }, {});
  expect([answer.headers["content-encoding"], answer.bytes]).toEqual(["gzip", body]);
});

test("a handed-on failure is the upstream's status, and one that cannot be reached is ours", async () => {
  const url = await serve((_request, response) => response.writeHead(418).end());
  expect((await handOn(url)).status).toBe(418);
  expect((await ask({ "/": { get: () => Response.error() } }, {})).status).toBe(500);
});
