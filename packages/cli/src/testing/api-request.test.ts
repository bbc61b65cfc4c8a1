import { describe, expect, test, vi } from "vitest";
import { emails, startTestProject } from "./testing-project.js";

describe("fetch", () => {
  test("goes through routes, middleware and queue.http, as requests do", async () => {
    const { project, noted } = await startTestProject({
      "queues/emails.ts": emails,
      "api/_middleware.ts":
        'export function authenticate({ bearerToken }) { if (bearerToken !== "secret") throw new Response("who?", { status: 401 }); return { id: "ada" }; }',
      "api/emails/index.ts": 'import { queue } from "#queues/emails.js"; export const post = queue.http;',
      "api/items/[id].ts":
        'export const get = ({ params, query, cookies, headers, user }) => ({ params, query, cookies, agent: headers["user-agent"], user });\nexport const del = () => null;',
    });
    expect((await project.fetch("/emails", { method: "POST" })).status).toBe(401);
    const headers = { authorization: "Bearer secret", cookie: "a=1; b=2", "user-agent": "tests" };
    const item = await project.fetch("/items/a%20b?x=1&x=2", { headers });
    expect(item.status).toBe(200);
    expect(await item.json()).toEqual({
      params: { id: "a b" },
      query: { x: ["1", "2"] },
      cookies: { a: "1", b: "2" },
      agent: "tests",
      user: { id: "ada" },
    });
    expect((await project.fetch("http://anywhere/items/5", { method: "DELETE", headers })).status).toBe(204);
    expect((await project.fetch("/nothing", { headers })).status).toBe(404);

    const form = new FormData();
    form.append("name", "Ada");
    const pushed = await project.fetch("/emails", { method: "POST", body: form, headers });
    expect(pushed.status).toBe(202);
    expect(project.pushed("emails")).toMatchObject([
      { jobId: pushed.headers.get("x-job-id"), payload: { name: "Ada" } },
    ]);
    await project.drain();
    expect(noted).toEqual([["default", { name: "Ada" }, 1]]);
  });

  test("streams, and an aborted request rejects", async () => {
    const { project } = await startTestProject({
      "api/index.ts": `
        export const get = () => new Response(new ReadableStream({
          async start(controller) { for (const text of ["one ", "two"]) { controller.enqueue(new TextEncoder().encode(text)); await new Promise(setImmediate); } controller.close(); },
        }), { headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"]] });
        export const post = () => new Promise(() => {});
      `,
    });
    const answer = await project.fetch("/");
    expect(await answer.text()).toBe("one two");
    expect(answer.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    const request = project.fetch("/", { method: "POST", signal: AbortSignal.timeout(20) });
    await expect(request).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("answers 500 to what a route throws, and prints it", async () => {
    const print = vi.spyOn(console, "error").mockImplementation(() => {});
    const { project } = await startTestProject(
      { "api/index.ts": 'export const get = () => { throw new Error("secret"); };' },
      { quiet: false },
    );
    const answer = await project.fetch("/");
    expect([answer.status, await answer.text()]).toEqual([500, expect.not.stringContaining("secret")]);
    expect(print).toHaveBeenCalledWith(expect.any(String), expect.objectContaining({ message: "secret" }));
    print.mockRestore();
  });
});
