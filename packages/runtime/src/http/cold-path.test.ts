import { afterEach, beforeEach, expect, test } from "vitest";
import { jwt } from "../jwt/jwt.js";
import { hmacToken } from "../jwt/testing/tokens.js";
import { onLifecycle } from "../log/lifecycle-events.js";
import { queues } from "../queue/queues.js";
import type { AuthenticateArgument, HttpRequest } from "./http-request.js";
import { createQueueHttp } from "./queue-http.js";
import { ask } from "./testing/requests.js";

/** Globals of the Fetch API: the first use of one costs a process 30 to 48 ms. */
const FETCH_GLOBALS = ["fetch", "Request", "Response", "Headers", "FormData", "WebSocket", "EventSource"];

const touched: string[] = [];
let stopListening: () => void;
let originals: [string, PropertyDescriptor | undefined][];
beforeEach(() => {
  touched.length = 0;
  stopListening = onLifecycle("error", () => undefined);
  originals = FETCH_GLOBALS.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
  for (const name of FETCH_GLOBALS) {
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get() {
        touched.push(name);
        return undefined;
      },
    });
  }
});
afterEach(() => {
  stopListening();
  for (const [name, descriptor] of originals) {
    if (descriptor) Object.defineProperty(globalThis, name, descriptor);
    else Reflect.deleteProperty(globalThis, name);
  }
});

const modules = {
  "/[id]": {
    get: ({ params, query, cookies, headers, url, signal, user }: HttpRequest) => ({
      read: [params.id, query.q, cookies.c, headers.host, url, signal.aborted, user],
    }),
    post: ({ body }: HttpRequest) => body,
    put: () => Buffer.from("x"),
    patch: () => {
      throw new Error("x");
    },
    del: () => null,
    authenticate: ({ bearerToken }: { bearerToken?: string }) => (bearerToken ? { id: bearerToken } : null),
  },
  "/queue/emails": { post: createQueueHttp(queues.get("emails"), async () => "job-1") },
};

test.each([
  [200, { path: "/a?q=1&q=%20", cookies: ["c=1"], headers: { authorization: "Bearer x" } }],
  [304, { path: "/a", headers: { "if-none-match": "*" } }],
  [200, { path: "/a", method: "HEAD" }],
  [200, { path: "/a", method: "POST", headers: { "content-type": "application/json" }, body: "{}" }],
  [
    200,
    {
      path: "/a",
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "a=%20",
    },
  ],
  [200, { path: "/a", method: "POST", headers: { "content-type": "text/plain" }, body: "x" }],
  [422, { path: "/a", method: "POST", headers: { "content-type": "application/json" }, body: "{" }],
  [200, { path: "/a", method: "PUT" }],
  [500, { path: "/a", method: "PATCH" }],
  [204, { path: "/a", method: "DELETE" }],
  [204, { path: "/a", method: "OPTIONS" }],
  [405, { path: "/a", method: "TRACE" }],
  [404, { path: "/a/b" }],
  [400, { path: "/%zz" }],
  [202, { path: "/queue/emails", method: "POST", headers: { "content-type": "text/plain" }, body: "x" }],
  [415, { path: "/queue/emails", method: "POST", body: "x" }],
])("%i is answered without the Fetch API: %o", async (status, request) => {
  const answer = await ask(modules, request);
  expect(answer.status).toBe(status);
  expect(touched).toEqual([]);
});

test("a good token is verified without the Fetch API", async () => {
  const token = hmacToken({ alg: "HS256" }, { sub: "ada" }, "a secret");
  const authenticate = ({ bearerToken }: AuthenticateArgument) =>
    jwt.verify({ token: bearerToken, secret: "a secret" });
  const get = ({ user }: HttpRequest) => user;
  const request = { headers: { authorization: `Bearer ${token}` } };
  expect((await ask({ "/": { get, authenticate } }, request)).json()).toEqual({ id: "ada", sub: "ada" });
  expect(touched).toEqual([]);
});
