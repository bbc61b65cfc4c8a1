import { Hono } from "hono";
import { describe, expect, test } from "vitest";
import { ask } from "./testing/requests.js";

function shop(base = ""): Hono {
  return new Hono()
    .basePath(base)
    .get("/", (context) => context.text("home"))
    .get("/items/:id", (context) => context.json({ id: context.req.param("id"), url: context.req.url }))
    .post("/items", async (context) => context.json(await context.req.json(), 201));
}

describe("an app that is a default export", () => {
  test.each(["/shop", "/shop/[...rest]"])("is mounted at %s, and sees the path beneath it", async (path) => {
    const modules = { [path]: { default: shop() }, "/other": { get: () => "other" } };
    expect((await ask(modules, { path: "/shop/items/1?q=2" })).json()).toEqual({
      id: "1",
      url: "https://api.example.com/items/1?q=2",
    });
    const post = {
      method: "POST",
      path: "/shop/items",
      headers: { "content-type": "application/json" },
      body: '{"a":1}',
    };
    const posted = await ask(modules, post);
    expect([posted.status, posted.json()]).toEqual([201, { a: 1 }]);
    expect((await ask(modules, { path: "/other" })).text).toBe("other");
    expect((await ask(modules, { path: "/shop/nothing" })).status).toBe(404);
  });

  test("answers its own path", async () => {
    for (const path of ["/shop", "/shop/"])
      expect((await ask({ "/shop": { default: shop() } }, { path })).text).toBe("home");
  });

  test("sees the whole path when its routes name it", async () => {
    const answer = await ask({ "/shop": { default: shop("/shop") } }, { path: "/shop/items/1" });
    expect(answer.json()).toEqual({ id: "1", url: "https://api.example.com/shop/items/1" });
  });

  test("sees the whole path when one route names it, middleware for all aside", async () => {
    const app = new Hono();
    app.use("*", async (context, next) => {
      await next();
      context.header("x-app", "1");
    });
    app.get("/shop/hello", (context) => context.text("hello"));
    const answer = await ask({ "/shop": { default: app } }, { path: "/shop/hello" });
    expect(answer).toMatchObject({ status: 200, text: "hello", headers: { "x-app": "1" } });
  });

  test("at the root has every path that no other route has", async () => {
    const modules = { "/": { default: shop() }, "/items/own": { get: () => "own" } };
    expect((await ask(modules, { path: "/items/1" })).json()).toMatchObject({ id: "1" });
    expect((await ask(modules, { path: "/items/own" })).text).toBe("own");
    expect((await ask(modules, { path: "/" })).text).toBe("home");
  });

  test("beneath parameters sees what follows them, encoded as it was", async () => {
    const app = new Hono().get("/*", (context) => context.text(new URL(context.req.url).pathname));
    expect((await ask({ "/[tenant]/shop": { default: app } }, { path: "/a%2Fb/shop/x%2Fy" })).text).toBe(
      "/x%2Fy",
    );
  });

  test("has authenticate, CORS and preflights as any route", async () => {
    const authenticate = () => {
      throw new Response("no", { status: 401 });
    };
    const modules = { "/shop": { default: shop(), authenticate } };
    expect(await ask(modules, { path: "/shop/items/1" })).toMatchObject({
      status: 401,
      headers: { "access-control-allow-origin": "*" },
    });
    const preflight = {
      method: "OPTIONS",
      path: "/shop/items",
      headers: { "access-control-request-method": "POST" },
    };
    expect((await ask(modules, preflight)).status).toBe(204);
  });
});

test("a default export that is a plain function has its own path alone", async () => {
  const modules = { "/a": { default: () => "a" }, "/[...rest]": { get: () => "rest" } };
  expect((await ask(modules, { path: "/a" })).text).toBe("a");
  expect((await ask(modules, { path: "/a/b" })).text).toBe("rest");
  expect((await ask({ "/a": modules["/a"] }, { path: "/a/b" })).status).toBe(404);
});
