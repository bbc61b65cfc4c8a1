import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createStreamingHttpHandler } from "../lambda/http.js";
import { onLifecycle } from "../log/lifecycle-events.js";
import type { HttpRequest } from "./http-request.js";
import { type TestModules, type TestRequest, testEvent, testFunction } from "./testing/requests.js";
import type { AnswerHead } from "./write-answer.js";

/** What Lambda's Node runtime does: the head goes out with the first write, and so never without one. */
class LambdaStream extends PassThrough {
  head: AnswerHead | null = null;
  sentHead: AnswerHead | null = null;
  writes = 0;
  override _transform(...call: Parameters<PassThrough["_transform"]>): void {
    this.sentHead = this.head;
    this.writes++;
    super._transform(...call);
  }
}

const errors: unknown[] = [];
let stopListening: () => void;
beforeEach(() => {
  errors.length = 0;
  stopListening = onLifecycle("error", ({ error }) => errors.push(error));
  const from = (stream: LambdaStream, head: AnswerHead) => Object.assign(stream, { head });
  Object.assign(globalThis, {
    awslambda: { streamifyResponse: (handler: unknown) => handler, HttpResponseStream: { from } },
  });
});
afterEach(() => {
  stopListening();
  Reflect.deleteProperty(globalThis, "awslambda");
});

function start(modules: TestModules, request: TestRequest = {}, stream: LambdaStream = new LambdaStream()) {
  const handler = createStreamingHttpHandler(testFunction(modules));
  return { stream, done: handler(testEvent(request), stream, { getRemainingTimeInMillis: () => 30_000 }) };
}

async function textOf(stream: LambdaStream): Promise<string> {
  let text = "";
  for await (const chunk of stream) text += chunk;
  return text;
}

test("an answer in one piece is one write", async () => {
  const { stream, done } = start({ "/": { get: () => ({ a: 1 }) } });
  expect(await textOf(stream)).toBe('{"a":1}');
  await done;
  expect(stream.writes).toBe(1);
  expect(stream.sentHead).toMatchObject({
    statusCode: 200,
    headers: { "content-type": "application/json" },
    cookies: [],
  });
});

test("an answer without a body sends its head all the same", async () => {
  const { stream, done } = start({ "/": { get: () => null } });
  expect(await textOf(stream)).toBe("");
  await done;
  expect(stream.sentHead?.statusCode).toBe(204);
});

test("a Response's body is passed on as it comes, no faster than it is taken", async () => {
  let pulled = 0;
  const body = () =>
    new ReadableStream({
      pull(controller) {
        if (++pulled > 200) controller.close();
        else controller.enqueue(new Uint8Array(16_384).fill(65));
      },
    });
  const { stream, done } = start({
    "/": { get: () => new Response(body(), { headers: { "content-type": "text/x" } }) },
  });
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  expect(pulled).toBeLessThan(20);
  expect(stream.sentHead?.headers["content-type"]).toBe("text/x");
  expect((await textOf(stream)).length).toBe(200 * 16_384);
  await done;
});

test("the signal stays quiet while the body is written, and aborts after it", async () => {
  let signal: AbortSignal | undefined;
  let finish: () => void = () => undefined;
  const get = (request: HttpRequest) => {
    signal = request.signal;
    const stream = new ReadableStream({
      start(controller) {
        finish = () => controller.close();
      },
    });
    return new Response(stream);
  };
  const { stream, done } = start({ "/": { get } });
  await new Promise(setImmediate);
  expect(signal?.aborted).toBe(false);
  finish();
  await textOf(stream);
  await done;
  expect(signal?.aborted).toBe(true);
});

test("a client that goes away aborts the handler, and its stream", async () => {
  let cancelled: unknown = false;
  let signal: AbortSignal | undefined;
  const get = (request: HttpRequest) => {
    signal = request.signal;
    return new Response(
      new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(1_000_000)),
        cancel() {
          cancelled = true;
        },
      }),
    );
  };
  const { stream, done } = start({ "/": { get } });
  await new Promise(setImmediate);
  stream.destroy();
  await done;
  expect(cancelled).toBe(true);
  expect(signal?.aborted).toBe(true);
  expect(errors).toEqual([]);
});

test("a client that goes away before there is an answer aborts the handler", async () => {
  const get = ({ signal }: HttpRequest) =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve(String(signal.reason))));
  const { stream, done } = start({ "/": { get } });
  await new Promise(setImmediate);
  stream.on("error", () => undefined);
  stream.destroy();
  await done;
  expect(errors).toEqual([]);
});

test("a body that breaks off fails the invocation, which ends the connection, and is told", async () => {
  let pulls = 0;
  const get = () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          if (++pulls > 2) controller.error(new Error("broken"));
          else controller.enqueue(new Uint8Array(10));
        },
      }),
    );
  const { stream, done } = start({ "/": { get } });
  await expect(done).rejects.toThrow("broken");
  expect(stream.destroyed).toBe(false);
  expect(stream.writableEnded).toBe(false);
  expect(errors).toEqual([new Error("broken")]);
});

test("a stream that is not done in its route's time is broken off, and its handler told", async () => {
  vi.useFakeTimers();
  try {
    const cancelled: unknown[] = [];
    let signal: AbortSignal | undefined;
    const get = (request: HttpRequest) => {
      signal = request.signal;
      const cancel = (reason: unknown): void => void cancelled.push(reason);
      return new Response(new ReadableStream({ start: (to) => to.enqueue(new Uint8Array([111])), cancel }));
    };
    const { stream, done } = start({ "/": { get, settings: { timeoutSeconds: 2 } } });
    const failed = done.catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(1_900);
    expect([String(stream.read()), signal?.aborted]).toEqual(["o", false]);
    await vi.advanceTimersByTimeAsync(200);
    const error = await failed;
    expect(error).toMatchObject({ code: "QR_HTTP_TIMEOUT" });
    expect([cancelled, errors, signal?.reason]).toEqual([[error], [error], error]);
  } finally {
    vi.useRealTimers();
  }
});

test("a stream that is done in time leaves no timer behind", async () => {
  vi.useFakeTimers();
  try {
    const { stream, done } = start({ "/": { get: () => new Response("text") } });
    await done;
    expect([await textOf(stream), vi.getTimerCount()]).toEqual(["text", 0]);
  } finally {
    vi.useRealTimers();
  }
});

test("a stream that nothing can be written to does not hang", async () => {
  const closed = new LambdaStream();
  closed.on("error", () => undefined);
  closed.destroy();
  await new Promise(setImmediate);
  const { done } = start(
    {
      "/": {
        get: () => new Response(new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(99_999)) })),
      },
    },
    {},
    closed,
  );
  await done;
});
