import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createBroker } from "./broker/create-broker.js";
import { startSqsServer } from "./server.js";
import { startTestServer, type TestServer } from "./testing/start-test-server.js";

describe("who is answered", () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await startTestServer();
    await server.createQueue("q");
  });
  afterEach(() => server.close());

  /** The status of a request with these headers, Host included, which `fetch` would not let us choose. */
  function statusOf(headers: Record<string, string>, method = "POST"): Promise<number> {
    return new Promise((resolve, reject) => {
      const target = { "X-Amz-Target": "AmazonSQS.PurgeQueue" };
      const options = { port: server.port, host: "127.0.0.1", method, headers: { ...target, ...headers } };
      const sent = request(options, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sent.on("error", reject);
      sent.end(method === "POST" ? '{"QueueUrl": "q"}' : undefined);
    });
  }

  it.each(["evil.example", "evil.example:PORT", "localhost", "localhost:1", "localhost.evil.example:PORT"])(
    "not a page that names itself %s",
    async (host) => {
      expect(await statusOf({ Host: host.replace("PORT", String(server.port)) })).toBe(403);
      expect(await statusOf({ Host: host.replace("PORT", String(server.port)) }, "GET")).toBe(403);
    },
  );

  it.each(["null", "http://evil.example", "http://localhost:8000", "https://localhost:PORT"])(
    "not a page of %s",
    async (origin) => {
      const Origin = origin.replace("PORT", String(server.port));
      expect(await statusOf({ Host: `localhost:${server.port}`, Origin })).toBe(403);
      expect(await statusOf({ Host: `localhost:${server.port}`, Origin }, "OPTIONS")).toBe(403);
    },
  );

  it("does nothing of what it refuses", async () => {
    const QueueUrl = `${server.endpoint}/000000000000/q`;
    await server.call("SendMessage", { QueueUrl, MessageBody: "x" });
    await statusOf({ Host: `localhost:${server.port}`, Origin: "http://evil.example" });
    expect(await server.bodies(QueueUrl)).toEqual(["x"]);
  });

  it.each(["localhost", "127.0.0.1", "[::1]"])("anything on this machine that asks %s", async (host) => {
    expect(await statusOf({ Host: `${host}:${server.port}` })).toBe(200);
  });
});

describe("listening", () => {
  it("says which port is taken, and which flag chooses another", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    const broker = await createBroker();
    await expect(startSqsServer({ broker, port })).rejects.toMatchObject({
      code: "QR_SQS_PORT_IN_USE",
      message: expect.stringContaining(String(port)),
      fix: expect.stringContaining("--sqs-port"),
    });
    other.close();
    const server = await startSqsServer({ broker, port });
    expect(server.port).toBe(port);
    await server.close();
    await broker.close();
  });

  it("lets go of its port, and of the address that was free, when it cannot have both", async () => {
    const other = createServer().listen(0, "127.0.0.2");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    const broker = await createBroker();
    const hosts = ["127.0.0.1", "127.0.0.2"];
    await expect(startSqsServer({ broker, port, hosts })).rejects.toMatchObject({
      code: "QR_SQS_PORT_IN_USE",
    });
    const server = await startSqsServer({ broker, port, hosts: ["127.0.0.1"] });
    await server.close();
    other.close();
    await broker.close();
  });

  it("ends long polls when it closes", async () => {
    const server = await startTestServer();
    const QueueUrl = await server.createQueue("q");
    const polled = server.call("ReceiveMessage", { QueueUrl, WaitTimeSeconds: 20 });
    await server.received(1);
    const ended = expect(polled).rejects.toThrow();
    await server.close();
    await ended;
  });
});
