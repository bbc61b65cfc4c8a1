import { type } from "arktype";
import * as v from "valibot";
import { expectTypeOf, test } from "vitest";
import { z } from "zod";
import type { RouteConfig } from "../config/route-config.js";
import type { AuthenticateArgument, HttpRequest, QueryValues, User } from "./http-request.js";
import { route } from "./route.js";
import type { UrlValue } from "./url.js";
import { url } from "./url.js";

test("a handler's argument is what it says", () => {
  type Plain = HttpRequest;
  expectTypeOf<Plain["body"]>().toBeUnknown();
  expectTypeOf<Plain["params"]>().toEqualTypeOf<Record<string, string>>();
  expectTypeOf<Plain["query"]>().toEqualTypeOf<QueryValues>();
  expectTypeOf<Plain["user"]>().toEqualTypeOf<User | null>();
  expectTypeOf<Plain["request"]>().toEqualTypeOf<Request>();
  type Typed = HttpRequest<{ a: 1 }, { rest: string[] }, { id: string; role: "admin" }>;
  expectTypeOf<Typed["body"]>().toEqualTypeOf<{ a: 1 }>();
  expectTypeOf<Typed["params"]["rest"]>().toEqualTypeOf<string[]>();
  expectTypeOf<NonNullable<Typed["user"]>["role"]>().toEqualTypeOf<"admin">();
  expectTypeOf<AuthenticateArgument["bearerToken"]>().toEqualTypeOf<string | undefined>();
});

test("route types its handler by what the schemas give", () => {
  const body = z.object({ count: z.coerce.number() });
  const handler = route(
    { body, query: v.object({ q: v.string() }), params: type({ id: "string" }) },
    (request) => {
      expectTypeOf(request.body).toEqualTypeOf<{ count: number }>();
      expectTypeOf(request.query).toEqualTypeOf<{ q: string }>();
      expectTypeOf(request.params).toEqualTypeOf<{ id: string }>();
      return "ok" as const;
    },
  );
  expectTypeOf(handler).returns.toEqualTypeOf<Promise<"ok">>();
  expectTypeOf(handler).parameter(0).toEqualTypeOf<HttpRequest>();
  route({}, (request) => {
    expectTypeOf(request.body).toBeUnknown();
    expectTypeOf(request.query).toEqualTypeOf<QueryValues>();
  });
});

test("cache and etag may know what the handler returns", () => {
  const config = {
    cache: (item: { maxAge: number }) => item.maxAge,
    etag: ({ version }: { version: string }) => version,
  } satisfies RouteConfig;
  expectTypeOf(config).toExtend<RouteConfig>();
  // @ts-expect-error a validator is text
  const wrong: RouteConfig = { etag: () => 7 };
  expectTypeOf(wrong).toEqualTypeOf<RouteConfig>();
});

test("url asks for the path's parameters", () => {
  expectTypeOf(url.for("/items/[id]")).parameter(0).toEqualTypeOf<{ id: UrlValue }>();
  expectTypeOf(url.for("/[a]/x.[format]/[...rest]"))
    .parameter(0)
    .toEqualTypeOf<{ a: UrlValue; format: UrlValue; rest: readonly UrlValue[] }>();
  expectTypeOf(url("/items")).toBeString();
  const misuse = () => {
    // @ts-expect-error id is missing
    url("/items/[id]");
    // @ts-expect-error there is no such parameter
    url("/items/[id]", { id: 1, other: 2 });
    // @ts-expect-error a catch-all takes an array
    url("/items/[...rest]", { rest: "a" });
  };
  expectTypeOf(misuse).toBeFunction();
});
