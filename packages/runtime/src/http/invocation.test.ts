import { beforeEach, describe, expect, test, vi } from "vitest";
import { currentScope, type InvocationScope } from "../context/invocation-scope.js";
import { createHttpHandler } from "../lambda/http.js";
import { onLifecycle } from "../log/lifecycle-events.js";
import type { HttpRequest } from "./http-request.js";
import { ask, testEvent, testFunction, toTestAnswer } from "./testing/requests.js";

const errors: unknown[] = [];
beforeEach(() => {
  errors.length = 0;
  return onLifecycle("error", ({ error }) => errors.push(error));
});

describe("time", () => {
  test("a handler that takes too long is 504, and its signal says why", async () => {
    vi.useFakeTimers();
    try {
      let reason: unknown;
      const get = ({ signal }: HttpRequest) =>
        new Promise(() => {
          signal.addEventListener("abort", () => {
            reason = signal.reason;
          });
        });
      const answering = ask({ "/": { get, settings: { timeoutSeconds: 2 } } }, {});
      await vi.advanceTimersByTimeAsync(2_000);
      expect(await answering).toMatchObject({ status: 504, text: '{"requestId":"request-1"}' });
      expect(reason).toMatchObject({ code: "QR_HTTP_TIMEOUT" });
      expect(errors).toEqual([reason]);
    } finally {
      vi.useRealTimers();
    }
  });

  test("what happens after a 504 is not told again", async () => {
    vi.useFakeTimers();
    try {
      const hooks = { onResponse: vi.fn(), onError: vi.fn() };
      const get = async ({ signal }: HttpRequest) => {
        await new Promise((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason)),
        );
      };
      const answering = ask({ "/": { get, ...hooks, settings: { timeoutSeconds: 1 } } }, {});
      await vi.advanceTimersByTimeAsync(5_000);
      expect((await answering).status).toBe(504);
      expect(errors).toHaveLength(1);
      expect(hooks.onResponse).not.toHaveBeenCalled();
      expect(hooks.onError).not.toHaveBeenCalled();
    } finally {
      vi.useRealTimers();
    }
  });

  test("is no longer than Lambda waits, and none where Lambda keeps no time", async () => {
    vi.useFakeTimers();
    try {
      const never = createHttpHandler(testFunction({ "/": { get: () => new Promise(() => undefined) } }));
      const short = never(testEvent({}), { getRemainingTimeInMillis: () => 1_000 });
      await vi.advanceTimersByTimeAsync(1_000);
      expect(toTestAnswer(await short).status).toBe(504);
      let isDone = false;
      never(testEvent({}), { getRemainingTimeInMillis: () => 2_147_483_647 }).then(() => {
        isDone = true;
      });
      await vi.advanceTimersByTimeAsync(3_600_000);
      expect(isDone).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  test("counts for a stream too: where it is sent in one piece, that is 504", async () => {
    vi.useFakeTimers();
    try {
      const get = () => new Response(new ReadableStream({ start: (to) => to.enqueue(Buffer.from("one")) }));
      const answering = ask({ "/": { get, settings: { timeoutSeconds: 1 } } }, {});
      await vi.advanceTimersByTimeAsync(1_100);
      expect(await answering).toMatchObject({ status: 504, text: '{"requestId":"request-1"}' });
      expect(errors).toEqual([expect.objectContaining({ code: "QR_HTTP_TIMEOUT" })]);
    } finally {
      vi.useRealTimers();
    }
  });

  test("the signal aborts when the handler has ended", async () => {
    let early: AbortSignal | undefined;
    let late: (() => AbortSignal) | undefined;
    await ask(
      {
        "/": {
          get: (request: HttpRequest) => {
            early = request.signal;
            late = () => request.signal;
            return early.aborted;
          },
        },
      },
      {},
    );
    expect(early?.aborted).toBe(true);
    expect(late?.().aborted).toBe(true);
    const unread: HttpRequest[] = [];
    await ask({ "/": { get: (request: HttpRequest) => unread.push(request) } }, {});
    expect(unread[0]?.signal.aborted).toBe(true);
  });
});

describe("the scope of a request", () => {
  const scopeOf = async (headers: Record<string, string>): Promise<InvocationScope | null> => {
    let scope: InvocationScope | null = null;
    const get = () => {
      scope = currentScope();
      return scope?.trace ?? null;
    };
    await ask({ "/items/[id]": { get } }, { path: "/items/1", headers });
    return scope;
  };

  test("names the route, the request and its trace", async () => {
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const scope = await scopeOf({ traceparent: `00-${traceId}-b7ad6b7169203331-01` });
    expect(scope).toMatchObject({
      kind: "http",
      handler: "GET /items/:id",
      requestId: "request-1",
      hops: 0,
      job: null,
    });
    expect(scope?.trace).toMatchObject({ traceId, spanId: "b7ad6b7169203331" });
    const xray = await scopeOf({ "x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793" });
    expect(xray?.trace?.traceId).toBe("5759e988bd862e3fe1be46a994272793");
    expect((await scopeOf({}))?.trace).toMatchObject({ traceId: expect.stringMatching(/^[0-9a-f]{32}$/) });
  });

  test("the answer waits for pushes, and one that nobody awaited and that fails is 500", async () => {
    let isSent = false;
    const push = async (result: Promise<unknown>) => {
      result.catch(() => undefined);
      currentScope()?.pushes.add(result, () => false);
      return "done";
    };
    const slow = () =>
      new Promise((resolve) => {
        setImmediate(() => {
          isSent = true;
          resolve(1);
        });
      });
    expect((await ask({ "/": { get: () => push(slow()) } }, {})).text).toBe("done");
    expect(isSent).toBe(true);
    const failed = await ask({ "/": { get: () => push(Promise.reject(new Error("refused"))) } }, {});
    expect(failed.status).toBe(500);
    expect(errors).toEqual([new Error("refused")]);
  });

  test("pushes after the end are refused", async () => {
    let scope: InvocationScope | null = null;
    const get = () => {
      scope = currentScope();
    };
    await ask({ "/": { get } }, {});
    const { pushes } = scope as unknown as InvocationScope;
    expect(() => pushes.add(Promise.resolve(), () => true)).toThrow(
      expect.objectContaining({ code: "QR_HANDLER_ENDED" }),
    );
  });
});

test("requests and answers are told to listeners", async () => {
  const told: object[] = [];
  const stops = [
    onLifecycle("request", (event) => told.push(event)),
    onLifecycle("response", (event) => told.push(event)),
  ];
  await ask({ "/items/[id]": { post: () => null } }, { method: "POST", path: "/items/1" });
  await ask({}, { path: "/none" });
  for (const stop of stops) stop();
  const source = expect.objectContaining({ handler: "POST /items/:id", requestId: "request-1" });
  expect(told).toEqual([
    { method: "POST", path: "/items/1", source },
    { method: "POST", path: "/items/1", status: 204, durationMs: expect.any(Number), source },
    expect.objectContaining({ path: "/none", status: 404 }),
  ]);
});

describe("loading", () => {
  test("index.ts comes first, warmup included, and each file is loaded once", async () => {
    const order: string[] = [];
    const base = testFunction({ "/_middleware": {}, "/a": { get: () => "a" }, "/b": { get: () => "b" } });
    const handler = createHttpHandler({
      ...base,
      load: async (file) => {
        order.push(file);
        return base.load(file);
      },
      loadIndex: async () => ({ warmup: async () => void order.push("warmup") }),
    });
    const context = { getRemainingTimeInMillis: () => 10_000 };
    await Promise.all(["/a", "/a", "/b"].map((path) => handler(testEvent({ path }), context)));
    await handler(testEvent({ path: "/a" }), context);
    expect(order).toEqual(["warmup", "/a", "/_middleware", "/b"]);
  });

  test("a file that fails to load is 500, and is tried again", async () => {
    let attempts = 0;
    const base = testFunction({ "/": { get: () => "x" } });
    const handler = createHttpHandler({
      ...base,
      load: async (file) => {
        if (++attempts === 1) throw new Error("no database");
        return base.load(file);
      },
    });
    const context = { getRemainingTimeInMillis: () => 10_000 };
    expect((await handler(testEvent({}), context)).statusCode).toBe(500);
    expect((await handler(testEvent({}), context)).statusCode).toBe(200);
    expect(errors).toEqual([new Error("no database")]);
  });
});
