import { expect, it } from "vitest";
import { connectionsService, isConnectionPath } from "./connections-service.js";

const sent: string[] = [];
const connection = {
  send: (text: string) => void sent.push(text),
  close: () => void sent.push("(closed)"),
  connectedAt: 0,
  lastActiveMs: 1_000,
  identity: { sourceIp: "127.0.0.1", userAgent: "test" },
};
const service = connectionsService((id) => (id === "abc=" ? connection : undefined));
const ask = (method: "GET" | "POST" | "PUT" | "DELETE", id: string, body = "") =>
  service(
    { rest: { method, path: `/@connections/${encodeURIComponent(id)}` }, body },
    new AbortController().signal,
  );

it("posts to, tells of and closes a connection, as API Gateway does", async () => {
  expect(await ask("POST", "abc=", "hello")).toMatchObject({ status: 200 });
  const told = await ask("GET", "abc=");
  expect(JSON.parse(told.body)).toEqual({
    connectedAt: "1970-01-01T00:00:00.000Z",
    lastActiveAt: "1970-01-01T00:00:01.000Z",
    identity: { sourceIp: "127.0.0.1", userAgent: "test" },
  });
  expect(await ask("DELETE", "abc=")).toMatchObject({ status: 204 });
  expect(sent).toEqual(["hello", "(closed)"]);
});

it("refuses with AWS's errors: what is gone, what is too large, what is no operation", async () => {
  const error = (name: string) => ({ headers: { "x-amzn-errortype": name } });
  expect(await ask("POST", "other=")).toMatchObject({ status: 410, ...error("GoneException") });
  expect(await ask("POST", "abc=", "é".repeat(64 * 1024 + 1))).toMatchObject({
    status: 413,
    ...error("PayloadTooLargeException"),
  });
  expect(await ask("PUT", "abc=")).toMatchObject({ status: 403, ...error("ForbiddenException") });
});

it("knows its paths", () => {
  expect(isConnectionPath("/@connections/abc%3D")).toBe(true);
  for (const path of ["/@connections", "/@connections/", "/schedules/x", "/@connections/a/b"])
    expect([path, isConnectionPath(path)]).toEqual([path, false]);
});
