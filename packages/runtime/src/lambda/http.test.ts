import { expect, test } from "vitest";
import type { HttpContext } from "../http/http-context.js";
import { ask } from "../http/testing/requests.js";

const orders = {
  "/orders/[id]": {
    get: ({ params }: HttpContext) => params,
    post: ({ body }: HttpContext) => ({ body }),
    del: () => null,
  },
};

test("a handler's object is JSON", async () => {
  const answer = await ask(orders, { path: "/orders/a%2Fb" });
  expect(answer).toMatchObject({
    status: 200,
    headers: { "content-type": "application/json", "x-request-id": "request-1" },
  });
  expect(answer.json()).toEqual({ id: "a/b" });
});

test("an unknown path is 404, an unknown method 405 with Allow, a malformed escape 400", async () => {
  expect((await ask(orders, { path: "/nothing" })).status).toBe(404);
  const notAllowed = await ask(orders, { path: "/orders/1", method: "PUT" });
  expect(notAllowed).toMatchObject({ status: 405, headers: { allow: "GET, POST, DELETE, HEAD, OPTIONS" } });
  expect((await ask(orders, { path: "/orders/%zz" })).status).toBe(400);
});

test("a body arrives by its content type, and a malformed one is 422", async () => {
  const post = (type: string, body: string) =>
    ask(orders, { path: "/orders/1", method: "POST", headers: { "content-type": type }, body });
  expect((await post("application/json", '{"a":1}')).json()).toEqual({ body: { a: 1 } });
  expect((await post("application/x-www-form-urlencoded", "a=1&a=2&b=x+y")).json()).toEqual({
    body: { a: ["1", "2"], b: "x y" },
  });
  expect((await post("text/plain", "hello")).json()).toEqual({ body: "hello" });
  expect((await post("application/json", "{")).status).toBe(422);
});

test("null is 204, and OPTIONS is answered", async () => {
  expect(await ask(orders, { path: "/orders/1", method: "DELETE" })).toMatchObject({ status: 204, text: "" });
  const preflight = await ask(orders, {
    path: "/orders/1",
    method: "OPTIONS",
    headers: { "access-control-request-method": "POST", "access-control-request-headers": "content-type" },
  });
  expect(preflight).toMatchObject({
    status: 204,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, POST, DELETE, HEAD, OPTIONS",
    },
  });
});
