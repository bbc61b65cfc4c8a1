import { AsyncResource } from "node:async_hooks";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { configureInstance } from "../config/instance.js";
import { currentScope } from "../context/invocation-scope.js";
import { QueueRunError } from "../errors/queue-run-error.js";
import { onLifecycle } from "../log/lifecycle-events.js";
import { socket } from "../socket/socket.js";
import type {
  SocketAuthenticateArgument,
  SocketConnectEvent,
  SocketEvent,
  SocketUserEvent,
} from "../socket/socket-event.js";
import { socketPlace } from "../socket/testing/socket-place.js";

const errors: unknown[] = [];
let stopListening = () => {};
beforeEach(() => {
  errors.length = 0;
  stopListening = onLifecycle("error", ({ error }) => errors.push(error));
});
afterEach(() => {
  stopListening();
  configureInstance(null);
});

const echo = { default: ({ data }: SocketEvent) => data };
const byToken = {
  authenticate: ({ data }: SocketAuthenticateArgument) =>
    typeof data === "object" && data !== null && "token" in data ? { id: String(data.token) } : null,
};

describe("a message", () => {
  test.each([
    ['{"a":1}', '{"a":1}'],
    ["7", "7"],
    ['"text"', "text"],
    ["{broken", "{broken"],
    ["", ""],
  ])("%j is answered %j by a handler that returns it", async (body, answer) => {
    const place = socketPlace({ socket: echo });
    expect(await place.say("c1", body)).toEqual({ statusCode: 200 });
    expect(place.sent.get("c1")).toEqual([answer]);
  });

  test("of bytes is a Buffer, should API Gateway ever hand any over", async () => {
    const seen = vi.fn();
    const place = socketPlace({ socket: { default: ({ data }: SocketEvent) => seen(data) } });
    await place.say("c1", Buffer.from([1, 2]).toString("base64"), { isBase64Encoded: true });
    expect(seen).toHaveBeenCalledWith(Buffer.from([1, 2]));
    expect(place.sent.size).toBe(0);
  });

  test("has a scope: its connection, its request, a trace, and a signal that ends with it", async () => {
    let signal: AbortSignal | undefined;
    const seen = vi.fn();
    const place = socketPlace({
      socket: {
        default(event: SocketEvent) {
          signal = event.signal;
          const scope = currentScope();
          seen(scope?.kind, scope?.connection, scope?.requestId === event.requestId, scope?.trace?.traceId);
          expect(signal.aborted).toBe(false);
        },
      },
    });
    await place.say("c1", "x");
    expect(seen).toHaveBeenCalledWith(
      "socket",
      { id: "c1", isOpen: true },
      true,
      expect.stringMatching(/^\w{32}$/),
    );
    expect(signal?.aborted).toBe(true);
  });

  test("that fails is told of without detail, and of a send that nobody awaited, too", async () => {
    const place = socketPlace({
      socket: {
        default({ data }: SocketEvent) {
          if (data === "throw") throw new Error("secret");
          void socket.send(1n);
          return "fine";
        },
      },
    });
    await place.say("c1", "throw");
    await place.say("c1", "void");
    expect(place.sent.get("c1")).toEqual([
      '{"error":"Internal error, request r1"}',
      '{"error":"Internal error, request r2"}',
    ]);
    expect(errors).toEqual([
      expect.objectContaining({ message: "secret" }),
      expect.objectContaining({ code: "QR_SOCKET_MESSAGE" }),
    ]);
  });

  test("whose time is up is told of, once, whatever its handler does then", async () => {
    const place = socketPlace({
      socket: {
        default: ({ signal }: SocketEvent) =>
          new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
      },
      timeoutSeconds: 0.05,
    });
    expect(await place.say("c1", "x")).toEqual({ statusCode: 504 });
    await new Promise((resolve) => setImmediate(resolve));
    expect(place.sent.get("c1")).toEqual(['{"error":"The time is up, request r1"}']);
    expect(errors).toEqual([expect.objectContaining({ code: "QR_SOCKET_TIMEOUT" })]);
  });

  test("sends nothing more when its handler has ended", async () => {
    let late: () => Promise<number> = () => Promise.resolve(0);
    const place = socketPlace({
      socket: {
        default() {
          late = AsyncResource.bind(() => socket.send("late"));
        },
      },
    });
    await place.say("c1", "x");
    await expect(late()).rejects.toMatchObject({ code: "QR_HANDLER_ENDED" });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(place.sent.size).toBe(0);
  });

  test("to a connection that is gone is no error", async () => {
    const place = socketPlace({ socket: echo });
    place.gone.add("c1");
    expect(await place.say("c1", "x")).toEqual({ statusCode: 200 });
    expect(errors).toEqual([]);
  });
});

describe("code", () => {
  test("that cannot be loaded fails the invocation, and is tried again", async () => {
    const place = socketPlace({ socket: { default: "no function" } });
    await expect(place.say("c1", "x")).rejects.toMatchObject({ code: "QR_NOT_A_HANDLER" });
    const hooked = socketPlace({ socket: echo, middleware: { onConnect: 5 } });
    await expect(hooked.connect("c1")).rejects.toMatchObject({
      code: "QR_INVALID_EXPORT",
      message: expect.stringContaining("socket/_middleware.ts"),
    });
    expect(errors).toHaveLength(2);
  });

  test("of the socket's own file comes before its middleware's, and null turns a hook off", async () => {
    const refuse = () => {
      throw new Error("not to be called");
    };
    const place = socketPlace({
      socket: { ...echo, onConnect: null, authenticate: () => ({ id: "own" }) },
      middleware: { onConnect: refuse, authenticate: refuse },
    });
    expect(await place.connect("c1")).toEqual({ statusCode: 200 });
    expect(await socket.isOnline("own")).toBe(true);
  });
});

describe("a connection", () => {
  test("is described by its handshake", async () => {
    const seen = vi.fn();
    const place = socketPlace({
      socket: echo,
      middleware: {
        authenticate: (argument: SocketAuthenticateArgument) => {
          seen(argument);
          return { id: 7, role: "admin" };
        },
        onConnect: ({ user }: SocketConnectEvent) => seen(user),
      },
    });
    const answer = await place.connect("c1", {
      headers: {
        Cookie: "a=1; b=x%20y",
        Authorization: `Basic ${btoa("me:secret")}`,
        Host: "h",
        "Sec-WebSocket-Protocol": "v2, v1",
      },
      multiValueQueryStringParameters: { one: ["1"], two: ["a", "b"] },
    });
    expect(answer).toEqual({ statusCode: 200, headers: { "Sec-WebSocket-Protocol": "v2" } });
    expect(seen).toHaveBeenNthCalledWith(
      1,
      expect.objectContaining({
        cookies: Object.assign(Object.create(null), { a: "1", b: "x y" }),
        query: Object.assign(Object.create(null), { one: "1", two: ["a", "b"] }),
        username: "me",
        password: "secret",
        bearerToken: undefined,
        data: undefined,
        connection: "c1",
        requestId: "r1",
      }),
    );
    expect(seen).toHaveBeenNthCalledWith(2, { id: 7, role: "admin" });
    expect(await socket.isOnline(7)).toBe(true);
  });

  test.each([
    ["a Response", () => new Response("no", { status: 403 }), 403],
    ["a Response that says that all is well", () => new Response("ok"), 403],
    ["an error", () => new Error("broken"), 500],
  ])("is refused by %s that a hook throws, and is nobody's", async (_, thrown, statusCode) => {
    for (const hook of ["authenticate", "onConnect"]) {
      const place = socketPlace({
        socket: echo,
        middleware: {
          authenticate: () => ({ id: "u" }),
          [hook]: () => {
            throw thrown();
          },
        },
      });
      expect(await place.connect("c1")).toEqual({ statusCode });
      expect(await socket.isOnline("u")).toBe(false);
    }
  });

  test("is refused where authenticate answers no user", async () => {
    const place = socketPlace({ socket: echo, middleware: { authenticate: () => "yes" } });
    expect(await place.connect("c1")).toEqual({ statusCode: 500 });
    expect(errors).toEqual([expect.objectContaining({ code: "QR_INVALID_USER" })]);
  });

  test("that a message's token is refused for is closed, and its handler not run", async () => {
    const handle = vi.fn();
    const place = socketPlace({
      socket: { default: handle },
      middleware: {
        authenticate: ({ data }: SocketAuthenticateArgument) => {
          if (data) throw new Response(null, { status: 401 });
          return null;
        },
      },
    });
    await place.connect("c1");
    await place.say("c1", '"x"');
    expect(place.sent.get("c1")).toEqual(['{"error":"Unauthorized"}', "(closed)"]);
    expect(handle).not.toHaveBeenCalled();
  });

  test("whose authenticate fails stays, and its message is not handled", async () => {
    const handle = vi.fn();
    const place = socketPlace({
      socket: { default: handle },
      middleware: {
        authenticate: ({ data }: SocketAuthenticateArgument) => {
          if (data) throw new Error("no database");
          return null;
        },
      },
    });
    await place.connect("c1");
    await place.say("c1", '"x"');
    expect(place.sent.get("c1")).toEqual(['{"error":"Internal error, request r2"}']);
    expect(handle).not.toHaveBeenCalled();
  });
});

describe("users", () => {
  const hooks = () => {
    const told: string[] = [];
    const middleware = {
      ...byToken,
      onOnline: ({ user }: SocketUserEvent) => told.push(`+${user.id}`),
      onOffline: ({ user }: SocketUserEvent) => told.push(`-${user.id}`),
    };
    return { told, middleware };
  };
  const token = (id: string) => JSON.stringify({ token: id });

  test("come with their first connection, and go with their last", async () => {
    const { told, middleware } = hooks();
    const place = socketPlace({ socket: echo, middleware });
    for (const connection of ["c1", "c2"]) {
      await place.connect(connection);
      await place.say(connection, token("ada"));
    }
    expect(told).toEqual(["+ada"]);
    await place.leave("c1");
    expect(await socket.isOnline("ada")).toBe(true);
    await place.leave("c2");
    await place.leave("c2");
    expect(told).toEqual(["+ada", "-ada"]);
    expect(await socket.isOnline("ada")).toBe(false);
  });

  test("of many connections that come and go at once come and go once", async () => {
    const { told, middleware } = hooks();
    const place = socketPlace({ socket: echo, middleware });
    const connections = Array.from({ length: 20 }, (_, index) => `c${index}`);
    await Promise.all(connections.map((connection) => place.say(connection, token("ada"))));
    expect(told).toEqual(["+ada"]);
    await Promise.all(connections.map((connection) => place.leave(connection)));
    expect(told).toEqual(["+ada", "-ada"]);
  });

  test("two messages at once that say who it is agree on one", async () => {
    const { told, middleware } = hooks();
    const users = vi.fn();
    const place = socketPlace({
      socket: { default: ({ user }: SocketEvent) => users(user?.id) },
      middleware,
    });
    await Promise.all([place.say("c1", token("ada")), place.say("c1", token("bob"))]);
    const [[first], [second]] = users.mock.calls as [[string], [string]];
    expect(first).toBe(second);
    const other = first === "ada" ? "bob" : "ada";
    expect([await socket.isOnline(first), await socket.isOnline(other)]).toEqual([true, false]);
    await place.leave("c1");
    expect(told.filter((each) => each.startsWith("+")).length).toBe(
      told.filter((each) => each.startsWith("-")).length,
    );
  });

  test("a connection that ends while it says who it is counts for nobody", async () => {
    const { told, middleware } = hooks();
    for (let turns = 0; turns < 8; turns++) {
      const place = socketPlace({ socket: echo, middleware });
      told.length = 0;
      const saying = place.say("c1", token("ada"));
      for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
      await Promise.all([saying, place.leave("c1")]);
      expect([turns, await socket.isOnline("ada")]).toEqual([turns, false]);
      expect(told).toEqual(told.length === 0 ? [] : ["+ada", "-ada"]);
    }
  });

  test("a connection that a send finds gone gets nothing more, and still goes when its end is told", async () => {
    const { told, middleware } = hooks();
    const place = socketPlace({ socket: echo, middleware });
    await place.say("c1", token("ada"));
    await place.say("c2", token("ada"));
    place.clock.now = Date.now() + 60_000;
    place.gone.add("c1").add("c2");
    expect(await socket.to("ada").send("hello")).toBe(0);
    expect(await socket.isOnline("ada")).toBe(false);
    expect(told).toEqual(["+ada"]);
    await place.leave("c1");
    expect(told).toEqual(["+ada"]);
    await place.leave("c2");
    expect(told).toEqual(["+ada", "-ada"]);
  });

  test("are waited for whose connection is about to open, and are not lost for it", async () => {
    const place = socketPlace({ socket: echo, middleware: { authenticate: () => ({ id: "ada" }) } });
    place.opening.add("c1");
    await place.connect("c1");
    const sending = [socket.to("ada").send("1"), socket.to("ada").send("2")];
    setTimeout(() => place.opening.delete("c1"), 50);
    expect(await Promise.all(sending)).toEqual([1, 1]);
    expect(place.sent.get("c1")).toEqual(["1", "2"]);
  });

  test("are waited for no longer than their connection is there, and not at all by its own hooks", async () => {
    const reached = vi.fn();
    const place = socketPlace({
      socket: echo,
      middleware: {
        authenticate: () => ({ id: "ada" }),
        onOnline: async ({ user }: SocketUserEvent) => reached(await socket.to(user.id).send("welcome")),
      },
    });
    place.opening.add("c1");
    await place.connect("c1");
    expect(reached).toHaveBeenCalledWith(0);
    const sending = socket.to("ada").send("1");
    setTimeout(() => void place.leave("c1"), 50);
    expect(await sending).toBe(0);
    expect(await socket.isOnline("ada")).toBe(false);
  });

  test("whose connections' ends nobody ever told come again when those are over", async () => {
    const { told, middleware } = hooks();
    const place = socketPlace({ socket: echo, middleware });
    await place.say("c1", token("ada"));
    place.clock.now = Date.now() + 2.1 * 3_600_000;
    expect(await socket.isOnline("ada")).toBe(false);
    await place.say("c2", token("ada"));
    expect(told).toEqual(["+ada", "+ada"]);
    await place.leave("c2");
    expect(told).toEqual(["+ada", "+ada", "-ada"]);
  });

  test("hooks that fail are in the log, and nothing else", async () => {
    const fail = () => {
      throw new Error("hook");
    };
    const place = socketPlace({ socket: echo, middleware: { ...byToken, onOnline: fail, onOffline: fail } });
    await place.say("c1", token("ada"));
    await place.leave("c1");
    expect(place.sent.get("c1")).toEqual([token("ada")]);
    expect(errors).toHaveLength(2);
  });
});

describe("socket", () => {
  test("sends what one run sends to a connection in order, to each connection of users once", async () => {
    const place = socketPlace({ socket: { default: () => {} }, middleware: byToken });
    for (const [connection, id] of Object.entries({ c1: "ada", c2: "ada", c3: "bob", c4: "eve" }))
      await place.say(connection, JSON.stringify({ token: id }));
    const sends = ["1", "2", "3"].map((text) => socket.to(["ada", "bob", "ada"]).send(text));
    expect(await Promise.all(sends)).toEqual([3, 3, 3]);
    for (const connection of ["c1", "c2", "c3"]) expect(place.sent.get(connection)).toEqual(["1", "2", "3"]);
    expect(place.sent.has("c4")).toBe(false);
    expect(await socket.to("bob").close()).toBe(1);
    expect(place.sent.get("c3")?.at(-1)).toBe("(closed)");
    expect(socket.url).toBe("wss://abc.execute-api.us-east-1.amazonaws.com/prod");
  });

  test("says what is wrong with a call: nobody to send to, nothing to send, no socket", async () => {
    const place = socketPlace({ socket: echo });
    const codes = async (...calls: (() => Promise<unknown>)[]) =>
      Promise.all(calls.map((call) => call().catch((error) => error instanceof QueueRunError && error.code)));
    expect(
      await codes(
        () => socket.send("x"),
        () => socket.close(),
        () => socket.to("a").send(undefined),
        () => socket.to("a").send(Buffer.from("x")),
        () => socket.to("a").send(Symbol("x")),
        () => socket.to("a").send("x".repeat(128 * 1024 + 1)),
      ),
    ).toEqual([
      "QR_SOCKET_NO_RECIPIENT",
      "QR_SOCKET_NO_RECIPIENT",
      "QR_SOCKET_MESSAGE",
      "QR_SOCKET_MESSAGE",
      "QR_SOCKET_MESSAGE",
      "QR_SOCKET_TOO_LARGE",
    ]);
    expect(place.sent.size).toBe(0);
    configureInstance(null);
    expect(
      await codes(
        () => socket.to("a").send("x"),
        () => socket.isOnline("a"),
      ),
    ).toEqual(["QR_NO_SOCKET", "QR_NO_SOCKET"]);
    expect(() => socket.url).toThrow("no socket");
  });
});
