import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { route } from "./route.js";
import { ask } from "./testing/requests.js";

const json = { "content-type": "application/json" };

describe("route", () => {
  const post = route(
    {
      params: v.object({ id: v.pipe(v.string(), v.transform(Number)) }),
      query: z.object({ page: z.coerce.number().default(1) }),
      body: type({ name: "string > 0" }),
    },
    ({ params, query, body }) => ({ params, query, body }),
  );
  const modules = { "/items/[id]": { post } };

  test("gives the handler what the schemas give", async () => {
    const answer = await ask(modules, {
      method: "POST",
      path: "/items/7",
      headers: json,
      body: '{"name":"x"}',
    });
    expect(answer.json()).toEqual({ params: { id: 7 }, query: { page: 1 }, body: { name: "x" } });
  });

  test("answers 422 with every issue, and where it is", async () => {
    const answer = await ask(modules, {
      method: "POST",
      path: "/items/7?page=x",
      headers: json,
      body: '{"name":""}',
    });
    expect(answer.status).toBe(422);
    const message = expect.any(String);
    expect(answer.json()).toEqual({
      error: "The request is not valid",
      issues: [
        { in: "query", path: ["page"], message },
        { in: "body", path: ["name"], message },
      ],
    });
  });

  test("does not run the handler of a request without the body it needs", async () => {
    const handler = vi.fn();
    const modules = { "/": { post: route({ body: z.object({}) }, handler) } };
    expect((await ask(modules, { method: "POST" })).status).toBe(422);
    expect(handler).not.toHaveBeenCalled();
  });

  test("waits for schemas that wait", async () => {
    const body = z.string().refine(async (text) => text === "yes");
    const modules = { "/": { post: route({ body }, ({ body }) => body) } };
    const send = (text: string) =>
      ask(modules, { method: "POST", headers: { "content-type": "text/plain" }, body: text });
    expect((await send("yes")).text).toBe("yes");
    expect((await send("no")).status).toBe(422);
  });
});
