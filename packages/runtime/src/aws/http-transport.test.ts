import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createHttpTransport, type HttpTransport } from "./http-transport.js";

const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function start(listener: RequestListener, silenceTimeoutMs?: number) {
  const server: Server = createServer(listener);
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const transport: HttpTransport = createHttpTransport(
    new URL(`http://127.0.0.1:${port}/base/`),
    silenceTimeoutMs,
  );
  stops.push(() => {
    transport.close();
    server.closeAllConnections();
    server.close();
  });
  return { transport, sockets, server };
}

describe("the HTTP transport", () => {
  test("posts to the endpoint's path and reads an answer that comes in pieces", async () => {
    const { transport } = await start((request, response) => {
      response.setHeader("x-path", String(request.url));
      for (const byte of Buffer.from("né 🚀")) response.write(Buffer.of(byte));
      response.end();
    });
    const answer = await transport.post({}, "x");
    expect(answer).toMatchObject({ status: 200, body: "né 🚀", headers: { "x-path": "/base/" } });
  });

  test("keeps its connection", async () => {
    const { transport, sockets } = await start((_, response) => void response.end());
    for (let call = 0; call < 3; call++) await transport.post({}, "x");
    expect(sockets.size).toBe(1);
  });

  test("gives up on a connection that says nothing, so that the call is tried again", async () => {
    const { transport } = await start(() => {}, 20);
    await expect(transport.post({}, "x")).rejects.toMatchObject({
      name: "TimeoutError",
      message: "No answer within 0.02 s",
    });
  });

  test("fails when the connection breaks within an answer", async () => {
    const { transport } = await start((request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half");
      setImmediate(() => request.socket.resetAndDestroy());
    });
    await expect(transport.post({}, "x")).rejects.toMatchObject({ code: "ECONNRESET" });
  });

  test("says so when nothing listens", async () => {
    const { transport, server } = await start(() => {});
    await new Promise((resolve) => server.close(resolve));
    await expect(transport.post({}, "x")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});
