import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../harness/command.js";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { servePage } from "../harness/page.js";
import { repository } from "../harness/repository.js";
import { connectSocket } from "../harness/socket-client.js";
import { copyProject, type TemporaryProject } from "../harness/temporary-project.js";

const packages = [
  "@types/node",
  "zod",
  "hono",
  "vitest",
  "jose",
  "@opentelemetry/api",
  "@opentelemetry/sdk-trace-node",
];

it.each([
  "examples/abandoned-cart",
  "examples/bookmarks",
  "examples/chat",
  "examples/exports",
  "examples/minimal",
  "examples/webhooks",
  "test/fixtures/docs",
  "test/fixtures/coming-from",
  "test/fixtures/contract",
  "test/fixtures/container",
  "test/fixtures/testing",
  "test/fixtures/logging",
  "test/fixtures/telemetry",
])("%s compiles under strict, with the generated types", async (source) => {
  const project = copyProject(source, { packages });
  expect(await runCommand(["types"], { cwd: project.folder })).toMatchObject({ code: 0, stderr: "" });
  const tsc = join(repository, "node_modules/typescript/bin/tsc");
  try {
    execFileSync(process.execPath, [tsc, "--noEmit", "-p", project.folder], { encoding: "utf8" });
  } catch (error) {
    throw new Error((error as { stdout: string }).stdout);
  }
});

describe("what the documentation shows", () => {
  let project: TemporaryProject;
  let server: DevServer;
  beforeAll(async () => {
    project = copyProject("test/fixtures/docs", { keep: true, packages });
    server = await startDev(project.folder, { keep: true });
  });
  afterAll(async () => {
    await server?.stop();
    project?.dispose();
  });

  const json = (value: unknown, method = "POST") => ({
    method,
    body: JSON.stringify(value),
    headers: { "content-type": "application/json" },
  });

  it("pushes, with named jobs, groups and delays", async () => {
    await server.fetch("/signup", json({ email: "ada@example.com" }));
    await server.printed("Sending “Welcome” to ada@example.com");
    const ids = await (await server.fetch("/newsletter", json({ readers: ["a@b.c", "d@e.f"] }))).json();
    expect(ids).toHaveLength(2);
    expect(await server.sqs.counts("emails")).toMatchObject({ delayed: 2 });
    await server.fetch("/orders", json({ customer: "c1", order: "o1", item: "tea" }));
    await server.printed("Customer c1 orders 1 × tea (order o1)");
    await server.post("/orders/c2/o2", '{"item":"cup","quantity":3}', { "content-type": "application/json" });
    await server.printed("Customer c2 orders 3 × cup (order o2)");
    await server.fetch("/users/u1", { method: "PUT" });
    await server.printed("Updating u1");
    await server.fetch("/users/u1", { method: "DELETE" });
    await server.printed("Deleting u1");
  });

  it("runs schedules", async () => {
    const run = (name: string) => runCommand(["dev", "schedule", name], { cwd: project.folder });
    expect(await run("digest")).toMatchObject({ code: 0, stderr: "" });
    await server.printed(/Sending “Digest of \d{4}-\d\d-\d\d” to team@example\.com/);
    expect(await run("cleanup")).toMatchObject({ code: 0, stderr: "" });
    await server.printed(/cleanup \(30 3 1 \* \*\), run [0-9a-f-]{36}: page 3/);
  });

  it("handles batches and checks schemas", async () => {
    await server.sqs.send("events", '{"name":"opened"}');
    await server.sqs.send("events", '{"name":""}');
    await server.printed(/Storing \d events? at once/);
    const [deadLetter] = await server.sqs.take("events-dlq", 1);
    expect(deadLetter?.Body).toBe('{"name":""}');
    await server.post("/contacts", new URLSearchParams({ name: "Ada", email: "ada@example.com" }));
    await server.printed("Ada <ada@example.com>");
    expect((await server.fetch("/contacts", json({ name: "Ada" }))).status).toBe(422);
  });

  it("dead-letters a payment that was declined at once", async () => {
    const bank = await servePage("");
    bank.answer.status = 402;
    await server.sqs.send("payments", JSON.stringify({ amount: 5, url: bank.url }));
    const [deadLetter] = await server.sqs.take("payments-dlq", 1);
    expect(JSON.stringify(deadLetter?.MessageAttributes)).toContain("The card was declined");
    expect(bank.requests).toHaveLength(1);
  });

  it("lets the bank know a charge again by its job's id", async () => {
    const bank = await servePage("");
    bank.answer.status = 503;
    await server.sqs.send("charges", JSON.stringify({ customer: "ada", cents: 5, bank: bank.url }));
    await server.printed("Attempt 1: the bank answered 503");
    bank.answer.status = 200;
    await server.sqs.drained("charges");
    expect(bank.requests.length).toBeGreaterThanOrEqual(2);
  });

  it("handles messages of WebSockets, and tells who asked how far a job is", async () => {
    const url = server.url.replace("http", "ws");
    expect(await (await server.fetch("/support")).json()).toEqual({ connectTo: url });
    await expect(connectSocket(url, { headers: { origin: "https://other.example" } })).rejects.toMatchObject({
      status: 403,
    });
    await expect(connectSocket(`${url}?token=wrong`)).rejects.toMatchObject({ status: 401 });
    const anonymous = await connectSocket(url);
    expect(await anonymous.ask({ ask: "time" })).toEqual({ time: expect.any(String) });
    expect(await anonymous.ask({ ask: "report", month: "May" })).toEqual({ error: "Forbidden" });
    const ada = await connectSocket(`${url}?token=secret-of-ada`);
    expect(await ada.ask({ ask: "report", month: "May" })).toEqual({ jobId: expect.any(String) });
    await ada.received("the end", (each) => (each as { done?: number }).done === 1);
    expect(await (await server.fetch("/support", json({ user: "ada", text: "Hi" }))).json()).toEqual({
      reached: 1,
      online: true,
    });
    await ada.received("support", (each) => (each as { from?: string }).from === "support");
    await anonymous.close();
    await ada.close();
  });

  it("answers HTTP", async () => {
    const item = await server.fetch("/items/5?fields=name");
    expect(await item.json()).toEqual({ id: 5, fields: "name" });
    expect(item.headers.get("cache-control")).toContain("60");
    expect(item.headers.get("x-powered-by")).toBe("queues");
    expect((await server.fetch("/items/five")).status).toBe(422);
    expect((await server.fetch("/me")).status).toBe(401);
    expect((await server.fetch("/me", { headers: { authorization: "Bearer wrong" } })).status).toBe(403);
    const me = await server.fetch("/me", { headers: { authorization: "Bearer secret-of-ada" } });
    expect(await me.json()).toEqual({ id: "ada" });
    const form = new FormData();
    form.append("picture", new File(["12345"], "a.png", { type: "image/png" }));
    expect(await (await server.fetch("/upload", { method: "POST", body: form })).json()).toEqual({
      name: "a.png",
      bytes: 5,
    });
    expect(await (await server.fetch("/hello?name=Ada")).text()).toContain("<h1>Hello, Ada</h1>");
    expect(await (await server.fetch("/admin")).text()).toBe("Served by Hono");
    const saved = await server.fetch("/export");
    expect(await saved.text()).toBe("order,item\no1,tea\n");
    expect(saved.headers.getSetCookie()).toHaveLength(2);
    expect(await (await server.fetch("/ticks?count=3")).text()).toBe("data: 1\n\ndata: 2\n\ndata: 3\n\n");
    expect(await (await server.fetch("/links")).json()).toEqual({
      home: `${server.url}/`,
      tea: `${server.url}/items/7`,
      found: `${server.url}/items/a%2Fb?fields=name&tag=new&tag=hot`,
    });
  });
});
