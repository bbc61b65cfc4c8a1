import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HttpEvent } from "../worker/protocol.js";
import { readBody } from "./read-body.js";
import { toHttpEvent } from "./to-http-event.js";

const nowMs = Date.UTC(2026, 10, 22, 7, 30, 5);
let events: HttpEvent[];
let port: number;
let close: () => void;

beforeEach(async () => {
  events = [];
  const server = createServer(async (incoming, response) => {
    const body = await readBody(incoming, 1_000);
    events.push(toHttpEvent(incoming, Buffer.isBuffer(body) ? body : null, { requestId: "id", nowMs }));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
  close = () => server.close();
});

afterEach(() => close());

async function eventOf(
  path: string,
  {
    method = "GET",
    headers = [] as [string, string][],
    body = undefined as string | Buffer | undefined,
  } = {},
): Promise<HttpEvent> {
  await new Promise<void>((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method, agent: false, setHost: true });
    for (const [name, value] of headers) sent.appendHeader(name, value);
    sent.on("response", (response) => response.resume().on("end", resolve));
    sent.on("error", reject);
    sent.end(body);
  });
  const event = events.at(-1);
  if (!event) throw new Error("No event was made");
  return event;
}

describe("the event of a request", () => {
  it("has the path as it was sent, and the query raw and decoded", async () => {
    const event = await eventOf("/orders/a%2Fb?tag=x%20y&tag=z&empty=");
    expect(event).toMatchObject({
      version: "2.0",
      routeKey: "$default",
      rawPath: "/orders/a%2Fb",
      rawQueryString: "tag=x%20y&tag=z&empty=",
      queryStringParameters: { tag: "x y,z", empty: "" },
      isBase64Encoded: false,
      requestContext: {
        requestId: "id",
        time: "22/Nov/2026:07:30:05 +0000",
        timeEpoch: nowMs,
        http: { method: "GET", path: "/orders/a%2Fb", protocol: "HTTP/1.1", sourceIp: "127.0.0.1" },
      },
    });
    expect(event.body).toBeUndefined();
    expect((await eventOf("/")).queryStringParameters).toBeUndefined();
  });

  it("has headers in lower case, repeated ones joined, and cookies apart", async () => {
    const event = await eventOf("/", {
      headers: [
        ["X-Many", "one"],
        ["X-Many", "two"],
        ["Cookie", "a=1; b=2"],
      ],
    });
    expect(event.headers["x-many"]).toBe("one,two");
    expect(event.cookies).toEqual(["a=1", "b=2"]);
    expect(event.headers.cookie).toBeUndefined();
    expect(event.headers.host).toBe(`127.0.0.1:${port}`);
  });

  it("has no prototype that header or query names could reach", async () => {
    const event = await eventOf("/?__proto__=x", { headers: [["__proto__", "x"]] });
    expect(Object.getPrototypeOf(event.headers)).toBeNull();
    expect(Object.keys(event.queryStringParameters ?? {})).toEqual(["__proto__"]);
  });

  it.each([
    ["application/json", '{"ü":1}', false],
    ["text/plain; charset=utf-8", "ü", false],
    ["application/vnd.api+json", "{}", false],
    ["application/x-www-form-urlencoded", "a=1", true],
    ["application/octet-stream", "bytes", true],
    ["multipart/form-data; boundary=x", "--x--", true],
  ])("has a body of type %s as a function URL hands it over", async (type, body, isBase64Encoded) => {
    const event = await eventOf("/", { method: "POST", headers: [["content-type", type]], body });
    expect(event.isBase64Encoded).toBe(isBase64Encoded);
    expect(Buffer.from(event.body ?? "", isBase64Encoded ? "base64" : "utf8").toString()).toBe(body);
  });

  it("has text that is no UTF-8 in base64, so that no byte is lost", async () => {
    const bytes = Buffer.from([0x61, 0xff, 0xfe]);
    const event = await eventOf("/", {
      method: "POST",
      headers: [["content-type", "text/plain"]],
      body: bytes,
    });
    expect(Buffer.from(event.body ?? "", "base64")).toEqual(bytes);
  });
});
