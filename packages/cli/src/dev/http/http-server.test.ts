import { request } from "node:http";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { realClock } from "../../clock/real-clock.js";
import type { AnswerSink, Outcome } from "../runner/outcome.js";
import type { Slot } from "../runner/slot.js";
import type { HttpEvent } from "../worker/protocol.js";
import type { Fault } from "./answer.js";
import { type HttpServer, startHttpServer } from "./http-server.js";

/** What the API's function does with an event: it writes to the sink, and says how the invocation ended. */
type Handle = (event: HttpEvent, sink: AnswerSink) => Promise<Outcome> | Outcome;

const returned: Outcome = { kind: "returned", value: null };
const head = { statusCode: 200, headers: { "content-type": "text/plain" }, cookies: [] };

let server: HttpServer;
let handle: Handle;
let faults: Fault[];
let hungUp: boolean;
let url: string;

beforeEach(async () => {
  faults = [];
  hungUp = false;
  handle = (_, sink) => {
    sink.answered(head, "hello");
    return returned;
  };
  const slot: Slot = {
    run(payload, sink) {
      if (payload.kind !== "http" || !sink) throw new Error("Not an HTTP event");
      const { event } = payload;
      return {
        outcome: Promise.resolve().then(() => handle(event, sink)),
        hangUp: () => {
          hungUp = true;
        },
      };
    },
    release() {},
  };
  server = await startHttpServer(["127.0.0.1"], 0, {
    acquire: () => Promise.resolve(slot),
    own: (_, response) => response.end("own"),
    maxBodyBytes: () => 10,
    clock: realClock,
    reports: { invocationFailed: (_, fault) => faults.push(fault) },
  });
  url = `http://127.0.0.1:${server.port}`;
});

afterEach(async () => {
  const stopped = server.stop();
  server.cut();
  await stopped;
});

describe("the HTTP server", () => {
  it("answers as the function does, cookies one by one", async () => {
    handle = (_, sink) => {
      sink.answered({ ...head, statusCode: 201, cookies: ["a=1", "b=2"] }, "made");
      return returned;
    };
    const response = await fetch(`${url}/x`);
    expect([response.status, await response.text()]).toEqual([201, "made"]);
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(response.headers.get("content-length")).toBe("4");
  });

  it("streams, and waits for clients that are slow", async () => {
    handle = async (_, sink) => {
      sink.head(head);
      for (let piece = 0; piece < 40; piece++) await sink.chunk(Buffer.alloc(100_000, "x"));
      sink.end();
      return returned;
    };
    const text = await (await fetch(url)).text();
    expect(text).toHaveLength(4_000_000);
  });

  it.each([
    ["with a length", { "content-length": "11" }],
    ["without one", { "transfer-encoding": "chunked" }],
  ])("refuses a body %s that is too large before it has all arrived", async (_, headers) => {
    const status = await new Promise((resolve, reject) => {
      const sent = request(url, { method: "POST", headers });
      sent.on("response", (response) => resolve(response.statusCode));
      sent.on("error", reject);
      sent.write("eleven byte");
    });
    expect(status).toBe(413);
    expect(faults).toEqual([{ kind: "too-large", maxBytes: 10 }]);
  });

  it.each<[string, Outcome, number]>([
    ["died", { kind: "died", cause: { kind: "exit", exitCode: 1 } }, 502],
    ["took too long", { kind: "died", cause: { kind: "deadline", timeoutSeconds: 1 } }, 504],
    ["gave no answer", returned, 502],
    [
      "could not be loaded",
      {
        kind: "failed",
        told: false,
        error: { name: "Error", message: "secret", stack: null, code: null, fix: null, cause: null },
      },
      500,
    ],
  ])("answers for a function that %s, and says nothing of what is inside", async (_, outcome, status) => {
    handle = () => outcome;
    const response = await fetch(url);
    const text = await response.text();
    expect(response.status).toBe(status);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(text).toContain(String(response.headers.get("x-request-id")));
    expect(text).not.toContain("secret");
    expect(faults).toHaveLength(1);
  });

  it("cuts an answer that was begun when its function dies", async () => {
    handle = (_, sink) => {
      sink.head(head);
      void sink.chunk(Buffer.from("half"));
      return { kind: "died", cause: { kind: "exit", exitCode: 1 } };
    };
    await expect(fetch(url).then((response) => response.text())).rejects.toThrow();
  });

  it("tells the function when the client hangs up", async () => {
    let finish = (_: Outcome): void => {};
    handle = (_, sink) => {
      sink.head(head);
      return new Promise((resolve) => {
        finish = resolve;
      });
    };
    const socket = connect(server.port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n"));
    await new Promise((resolve) => socket.once("data", resolve));
    socket.destroy();
    await expect.poll(() => hungUp).toBe(true);
    finish(returned);
  });

  it("keeps what is under /_queue-run for itself, and nothing else", async () => {
    const text = async (path: string) => (await fetch(url + path)).text();
    expect(await text("/_queue-run")).toBe("own");
    expect(await text("/_queue-run/status?x")).toBe("own");
    expect(await text("/_queue-runner")).toBe("hello");
  });

  it("says which port is taken, and by which flag to choose another", async () => {
    const second = startHttpServer(["127.0.0.1"], server.port, {
      acquire: () => Promise.resolve(null),
      own: () => {},
      maxBodyBytes: () => 0,
      clock: realClock,
      reports: { invocationFailed: () => {} },
    });
    await expect(second).rejects.toMatchObject({
      code: "QR_PORT_TAKEN",
      message: expect.stringContaining(String(server.port)),
      fix: expect.stringContaining("--port"),
    });
  });
});
