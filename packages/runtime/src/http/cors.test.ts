import { beforeEach, expect, test } from "vitest";
import { onLifecycle } from "../log/lifecycle-events.js";
import { ask, type TestModules, type TestRequest } from "./testing/requests.js";

beforeEach(() => onLifecycle("error", () => undefined));

const refuse = () => {
  throw new Response(null, { status: 401 });
};
const stream = () => new ReadableStream({ start: (to) => to.close() });
const modules: TestModules = {
  "/": { get: () => ({ a: 1 }), del: () => null, settings: { maxBodyBytes: 4, accepts: ["text/plain"] } },
  "/stream": { get: () => new Response(stream()) },
  "/broken": { get: () => new Response(new ReadableStream({ start: (to) => to.error(new Error("x")) })) },
  "/redirect": { get: () => Response.redirect("https://example.com/", 303) },
  "/thrown": {
    get: () => {
      throw new Response("no", { status: 409 });
    },
  },
  "/fails": {
    get: () => {
      throw new Error("x");
    },
  },
  "/slow": { get: () => new Promise(() => undefined), settings: { timeoutSeconds: 0.01 } },
  "/guarded": { get: () => 1, authenticate: refuse },
  "/early": { get: () => 1, onRequest: () => new Response("stop", { status: 503 }) },
  "/replaced": { get: () => 1, onResponse: () => new Response("other") },
  "/app/[...rest]": { default: { fetch: () => new Response("none", { status: 404 }) } },
  "/body": { post: () => 1, settings: { maxBodyBytes: 4, accepts: ["application/json"] } },
  "/badly-named": { get: 1 },
};
const post = (body: string, type: string) => ({
  path: "/body",
  method: "POST",
  headers: { "content-type": type },
  body,
});

test.each<[number, TestRequest]>([
  [200, {}],
  [200, { method: "HEAD" }],
  [204, { method: "DELETE" }],
  [204, { method: "OPTIONS" }],
  [304, { headers: { "if-none-match": "*" } }],
  [200, { path: "/stream" }],
  [500, { path: "/broken" }],
  [303, { path: "/redirect" }],
  [409, { path: "/thrown" }],
  [500, { path: "/fails" }],
  [504, { path: "/slow" }],
  [401, { path: "/guarded" }],
  [503, { path: "/early" }],
  [200, { path: "/replaced" }],
  [404, { path: "/app/x" }],
  [413, post("12345", "application/json")],
  [415, post("x", "text/html")],
  [422, post("{", "application/json")],
  [404, { path: "/nowhere" }],
  [405, { method: "PATCH" }],
  [400, { path: "/%zz" }],
  [500, { path: "/badly-named" }],
])("pages of any origin may read an answer of %i: %j", async (status, request) => {
  const answer = await ask(modules, {
    ...request,
    headers: { origin: "https://a.example", ...request.headers },
  });
  expect(answer.status).toBe(status);
  expect(answer.headers).toMatchObject({
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "X-Job-Id, Location, X-Request-Id",
    "x-request-id": "request-1",
  });
  expect(answer.headers["access-control-allow-credentials"]).toBeUndefined();
});
