import { beforeEach, describe, expect, test, vi } from "vitest";
import { currentScope } from "../context/invocation-scope.js";
import { onLifecycle } from "../log/lifecycle-events.js";
import type { AuthenticateArgument, HttpRequest } from "./http-request.js";
import { ask } from "./testing/requests.js";

const errors: unknown[] = [];
beforeEach(() => {
  errors.length = 0;
  return onLifecycle("error", ({ error }) => errors.push(error));
});

describe("authenticate", () => {
  const whoami = { get: ({ user }: HttpRequest) => ({ user, scope: currentScope()?.user ?? null }) };

  test("says who the user is, to the handler and to what it pushes", async () => {
    const authenticate = ({ bearerToken }: AuthenticateArgument) => ({
      id: `u-${bearerToken}`,
      role: "admin",
    });
    const answer = await ask(
      { "/": { ...whoami, authenticate } },
      { headers: { authorization: "Bearer abc" } },
    );
    const user = { id: "u-abc", role: "admin" };
    expect(answer.json()).toEqual({ user, scope: { id: "u-abc" } });
  });

  test("may know users by number; what they push knows them by text", async () => {
    const answer = await ask({ "/": { ...whoami, authenticate: () => ({ id: 7 }) } }, {});
    expect(answer.json()).toEqual({ user: { id: 7 }, scope: { id: "7" } });
  });

  test("is asked with the parts of the request", async () => {
    const seen = vi.fn((_argument: AuthenticateArgument) => null);
    await ask(
      { "/a/[id]": { ...whoami, authenticate: seen } },
      {
        path: "/a/7?q=1",
        headers: { authorization: `Basic ${Buffer.from("me:pass:word").toString("base64")}` },
        cookies: ["c=1"],
      },
    );
    const argument = seen.mock.calls[0]?.[0];
    expect(argument).toMatchObject({
      username: "me",
      password: "pass:word",
      bearerToken: undefined,
      requestId: "request-1",
    });
    expect({ ...argument?.params, ...argument?.query, ...argument?.cookies }).toEqual({
      id: "7",
      q: "1",
      c: "1",
    });
    expect(argument?.request.headers.get("cookie")).toBe("c=1");
    expect(argument?.headers.host).toBe("api.example.com");
  });

  test.each(["Bearer", "Basic !!!", "Digest x", "Bearer a b", `Basic ${btoa("nocolon")}`])(
    "a header of %j is no credentials",
    async (authorization) => {
      const authenticate = ({ bearerToken, username }: AuthenticateArgument) =>
        bearerToken === undefined && username === undefined ? null : { id: "somebody" };
      const answer = await ask({ "/": { ...whoami, authenticate } }, { headers: { authorization } });
      expect(answer.json()).toEqual({ user: null, scope: null });
    },
  );

  test("the nearest _middleware's applies, the route's own before it, and null turns it off", async () => {
    const by = (id: string) => ({ authenticate: () => ({ id }) });
    const modules = {
      "/_middleware": by("root"),
      "/admin/_middleware": by("admin"),
      "/public/_middleware": { authenticate: null },
      "/x": whoami,
      "/admin/x": whoami,
      "/admin/own": { ...whoami, ...by("own") },
      "/admin/open": { ...whoami, authenticate: null },
      "/public/x": whoami,
    };
    const userAt = async (path: string) =>
      ((await ask(modules, { path })).json() as { user: { id: string } | null }).user?.id;
    expect(await userAt("/x")).toBe("root");
    expect(await userAt("/admin/x")).toBe("admin");
    expect(await userAt("/admin/own")).toBe("own");
    expect(await userAt("/admin/open")).toBeUndefined();
    expect(await userAt("/public/x")).toBeUndefined();
  });

  test("refuses with the Response it throws, before the body is looked at", async () => {
    const post = vi.fn();
    const authenticate = () => {
      throw new Response("no", { status: 401 });
    };
    const answer = await ask(
      { "/": { post, authenticate } },
      { method: "POST", headers: { "content-type": "application/json" }, body: "{" },
    );
    expect(answer).toMatchObject({
      status: 401,
      text: "no",
      headers: { "access-control-allow-origin": "*" },
    });
    expect(post).not.toHaveBeenCalled();
  });

  test.each([undefined, "u1", { id: "" }, { id: Number.NaN }, { id: null }, {}, true, []])(
    "%j is neither a user nor null",
    async (user) => {
      const answer = await ask({ "/": { ...whoami, authenticate: async () => user } }, {});
      expect(answer).toMatchObject({ status: 500, text: '{"requestId":"request-1"}' });
      expect(errors).toEqual([expect.objectContaining({ code: "QR_INVALID_USER" })]);
    },
  );

  test("that fails is 500, tells the client nothing, and runs nothing", async () => {
    const get = vi.fn();
    const authenticate = async () => {
      throw Object.assign(new Error("SELECT * FROM users"), { status: 200, id: "eve" });
    };
    expect(await ask({ "/": { get, authenticate } }, {})).toMatchObject({
      status: 500,
      text: '{"requestId":"request-1"}',
    });
    expect(errors).toEqual([expect.objectContaining({ message: "SELECT * FROM users" })]);
    expect(get).not.toHaveBeenCalled();
  });

  test("that does not answer is 504, and runs nothing", async () => {
    const get = vi.fn();
    const authenticate = () => new Promise(() => undefined);
    const answer = await ask({ "/": { get, authenticate, settings: { timeoutSeconds: 0.02 } } }, {});
    expect(answer.status).toBe(504);
    expect(get).not.toHaveBeenCalled();
  });

  test.each(["get", "post", "put", "patch", "del", "head", "default"])(
    "guards a route's %s, and HEAD as GET, and a mounted app",
    async (name) => {
      const handler = vi.fn(() => "secret");
      const authenticate = () => {
        throw new Response(null, { status: 401 });
      };
      const app = { fetch: () => new Response("secret") };
      const modules = {
        "/_middleware": { authenticate },
        "/a": { [name]: handler },
        "/app": { default: app },
        "/rest/[...path]": { default: app },
      };
      for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]) {
        for (const path of ["/a", "/a/", "/app", "/app/x", "/app/../a", "/rest/x", "/%61", "/app/%2e%2e/x"])
          expect([401, 404, 405]).toContain((await ask(modules, { method, path })).status);
      }
      expect(handler).not.toHaveBeenCalled();
    },
  );

  test("is asked with fields that have no prototype", async () => {
    const name: string = "__proto__";
    const authenticate = ({ cookies, query, params, headers }: AuthenticateArgument) => {
      const parts = [cookies, query, params, headers];
      if (parts.some((part) => Object.getPrototypeOf(part) !== null || "toString" in part)) return null;
      return { id: [cookies[name], query[name], headers[name], params.constructor].join() };
    };
    const headers = Object.assign(Object.create(null), { [name]: "h" });
    const answer = await ask(
      { "/[constructor]": { ...whoami, authenticate } },
      { path: "/p?__proto__=q&constructor=y", cookies: ["__proto__=c"], headers },
    );
    expect(answer.json()).toMatchObject({ scope: { id: "c,q,h,p" } });
  });

  test("is not asked for preflights", async () => {
    const authenticate = vi.fn();
    expect((await ask({ "/": { ...whoami, authenticate } }, { method: "OPTIONS" })).status).toBe(204);
    expect(authenticate).not.toHaveBeenCalled();
  });
});

describe("onRequest", () => {
  test("may answer in place of the handler", async () => {
    const get = vi.fn();
    const onRequest = (request: Request) => new Response(request.headers.get("host"), { status: 503 });
    expect(await ask({ "/": { get, onRequest } }, {})).toMatchObject({
      status: 503,
      text: "api.example.com",
    });
    expect(get).not.toHaveBeenCalled();
  });

  test("lets the request pass otherwise", async () => {
    expect((await ask({ "/": { get: () => "x", onRequest: () => undefined } }, {})).text).toBe("x");
  });
});

describe("onResponse", () => {
  test("may change the answer's headers, errors' too", async () => {
    const onResponse = (_request: Request, response: Response) =>
      response.headers.append("x-seen", String(response.status));
    const answer = await ask({ "/_middleware": { onResponse }, "/": { get: () => ({ a: 1 }) } }, {});
    expect(answer).toMatchObject({ text: '{"a":1}', headers: { "x-seen": "200" } });
    const failing = () => {
      throw new Error("x");
    };
    expect((await ask({ "/": { get: failing, onResponse } }, {})).headers["x-seen"]).toBe("500");
  });

  test("may read the body, and may replace the answer", async () => {
    const seen: string[] = [];
    const onResponse = async (_request: Request, response: Response) => {
      seen.push(await response.text());
    };
    expect((await ask({ "/": { get: () => "text", onResponse } }, {})).text).toBe("text");
    expect(seen).toEqual(["text"]);
    const replaced = await ask({ "/": { get: () => "text", onResponse: () => new Response("other") } }, {});
    expect(replaced.text).toBe("other");
  });

  test("that fails is 500", async () => {
    const onResponse = () => {
      throw new Error("hook");
    };
    expect((await ask({ "/": { get: () => "x", onResponse } }, {})).status).toBe(500);
    expect(errors).toEqual([new Error("hook")]);
  });
});

describe("onError", () => {
  test("hears of errors, not of Responses that were thrown", async () => {
    const onError = vi.fn();
    const throwing = (thrown: unknown) => ({
      get: () => {
        throw thrown;
      },
      onError,
    });
    await ask({ "/": throwing(new Response("x")) }, {});
    expect(onError).not.toHaveBeenCalled();
    expect((await ask({ "/": throwing(new Error("e")) }, {})).status).toBe(500);
    expect(onError).toHaveBeenCalledWith(new Error("e"), expect.any(Request));
  });

  test("that fails itself changes nothing", async () => {
    const onError = () => {
      throw new Error("hook");
    };
    const get = () => {
      throw new Error("handler");
    };
    expect((await ask({ "/": { get, onError } }, {})).status).toBe(500);
    expect(errors).toEqual([new Error("hook"), new Error("handler")]);
  });
});

test("a hook that is not a function is an error that names it", async () => {
  expect((await ask({ "/": { get: () => 1, onRequest: "x" } }, {})).status).toBe(500);
  expect(errors).toEqual([
    expect.objectContaining({ code: "QR_INVALID_EXPORT", message: expect.stringContaining("onRequest") }),
  ]);
});
