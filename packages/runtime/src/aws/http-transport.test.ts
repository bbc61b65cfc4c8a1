import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createHttpTransport, type HttpTransport } from "./http-transport.js";

const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  vi.unstubAllEnvs();
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

  test("asks for what is below the endpoint's path, with any method and query", async () => {
    const { transport } = await start(async (request, response) => {
      const pieces = await request.toArray();
      response.end(`${request.method} ${request.url} ${Buffer.concat(pieces)}`);
    });
    const target = { method: "DELETE", path: "/schedules/a%2Fb", query: { group: "a b&c" } } as const;
    expect(await transport.post({}, "", target)).toMatchObject({
      body: "DELETE /base/schedules/a%2Fb?group=a%20b%26c ",
    });
    expect(await transport.post({}, "{}", { method: "POST", path: "/x" })).toMatchObject({
      body: "POST /base/x {}",
    });
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

  test("opens a connection for each request at once, to fifty, and carries the others one after another", async () => {
    let atOnce = 0;
    let most = 0;
    const { transport, sockets } = await start((request, response) => {
      most = Math.max(most, ++atOnce);
      request.resume().on("end", () =>
        setImmediate(() => {
          atOnce--;
          response.end(request.headers["x-number"]);
        }),
      );
    });
    const posts = Array.from({ length: 200 }, (_, n) => transport.post({ "x-number": String(n) }, "x"));
    const answers = await Promise.all(posts);
    expect(answers.map(({ body }) => Number(body))).toEqual(posts.map((_, n) => n));
    expect(sockets.size).toBe(50);
    expect(most).toBeLessThanOrEqual(50);
  });

  test("sends what waited when the connections break", async () => {
    let broken = 0;
    const { transport } = await start((request, response) => {
      if (broken++ < 50) request.socket.resetAndDestroy();
      else response.end();
    });
    const results = await Promise.allSettled(Array.from({ length: 120 }, () => transport.post({}, "x")));
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(70);
  });

  test.each([
    ["asks for its end", { connection: "close" }],
    ["would close it at once", { "keep-alive": "timeout=1" }],
  ])("does not use a connection again whose peer %s", async (_, headers) => {
    const { transport, sockets } = await start(
      (_, response) => void response.writeHead(200, headers).end("x"),
    );
    for (let call = 0; call < 3; call++) await transport.post({}, "x");
    expect(sockets.size).toBe(3);
  });

  test("does not take for an answer what nobody asked for", async () => {
    const text = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n";
    let connections = 0;
    const server = createTcpServer((socket) => {
      const name = String(connections++);
      socket.on("data", () => socket.write(`${text}${name}${text}X`));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const transport = createHttpTransport(
      new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    );
    stops.push(() => {
      transport.close();
      server.close();
    });
    expect((await transport.post({}, "x")).body).toBe("0");
    expect((await transport.post({}, "x")).body).toBe("1");
  });

  test("sends a body of a mebibyte as it is", async () => {
    const body = "né 🚀\n".repeat(100_000);
    const { transport } = await start(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      response.end(Buffer.concat(chunks));
    });
    expect((await transport.post({}, body)).body).toBe(body);
  });

  test("refuses a header that would end it", async () => {
    const { transport } = await start((_, response) => void response.end());
    await expect(transport.post({ trace: "a\r\nx-more: b" }, "x")).rejects.toMatchObject({
      name: "InvalidHeader",
    });
  });
});

describe("the HTTP transport, encrypted", () => {
  async function startSecure() {
    const pem = readFileSync(new URL("testing/localhost.pem", import.meta.url));
    const wasResumed: boolean[] = [];
    const server = createSecureServer({ key: pem, cert: pem }, (request, response) => {
      const socket = request.socket as TLSSocket;
      wasResumed.push(socket.isSessionReused());
      response.setHeader("connection", "close");
      response.end(`${socket.servername || "nobody"}, ${socket.alpnProtocol}`);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const connect = (host: string) => {
      const transport = createHttpTransport(new URL(`https://${host}:${port}/`));
      stops.push(() => transport.close());
      return transport;
    };
    stops.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return { connect, wasResumed };
  }

  test("refuses a certificate that nobody vouches for", async () => {
    const { connect, wasResumed } = await startSecure();
    await expect(connect("localhost").post({}, "x")).rejects.toMatchObject({
      code: "DEPTH_ZERO_SELF_SIGNED_CERT",
    });
    expect(wasResumed).toEqual([]);
  });

  test("names the server, and takes up the session of its last connection", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    const { connect, wasResumed } = await startSecure();
    const transport = connect("localhost");
    expect((await transport.post({}, "x")).body).toBe("localhost, http/1.1");
    await transport.post({}, "x");
    expect(wasResumed).toEqual([false, true]);
    expect((await connect("127.0.0.1").post({}, "x")).body).toBe("nobody, http/1.1");
  });
});
