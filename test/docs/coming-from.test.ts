import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { copyProject, type TemporaryProject } from "../harness/temporary-project.js";

describe("what docs/coming-from.md shows", () => {
  let project: TemporaryProject;
  let server: DevServer;
  beforeAll(async () => {
    project = copyProject("test/fixtures/coming-from", { keep: true, packages: ["zod"] });
    server = await startDev(project.folder, { keep: true });
  });
  afterAll(async () => {
    await server?.stop();
    project?.dispose();
  });

  const send = (method: string, path: string, value?: unknown) =>
    server.fetch(path, {
      method,
      ...(value !== undefined && {
        body: JSON.stringify(value),
        headers: { "content-type": "application/json" },
      }),
    });

  it("scheduled scripts: pushes with a tag, cancels all of a tag, counts them", async () => {
    const cart = { user: "u1", email: "ada@example.com", delay: 600 };
    for (const id of ["c1", "c1", "c2"]) expect((await send("PUT", `/carts/${id}`, cart)).status).toBe(200);
    expect(await (await send("DELETE", "/carts/c1")).json()).toEqual({ cancelled: 2 });
    expect(await (await send("DELETE", "/carts/c1")).json()).toEqual({ cancelled: 0 });
    await send("PUT", "/carts/c3", { ...cart, delay: 0 });
    await server.printed("Did you forget something, ada@example.com? (cart c3, cart:c3)");
  });

  it("Cloudflare's consumers: each message of a batch acknowledged, retried or failed", async () => {
    await send("POST", "/deliveries", { to: ["ada", "busy", "nobody"] });
    await server.printed(/Delivered \d of them/);
    const [deadLetter] = await server.sqs.take("deliveries-dlq", 1);
    expect(deadLetter?.Body).toBe('{"to":"nobody"}');
    await server.printed("A note about both");
    await expect
      .poll(() => server.sqs.counts("deliveries"), { timeout: 20_000 })
      .toMatchObject({ visible: 0, inFlight: 1, delayed: 1 });
  });

  it("queue-run before: a FIFO queue behind a route", async () => {
    await server.post("/updates/u1", '{"name":"Ada"}', { "content-type": "application/json" });
    await server.printed("Profile of u1: Ada (by anybody)");
  });

  it("Queuebase: checks what is enqueued, and tells where a job is", async () => {
    const refused = await send("POST", "/emails", { to: "nobody" });
    expect(refused.status).toBe(500);
    const { jobId } = (await (await send("POST", "/emails", { to: "ada@example.com" })).json()) as {
      jobId: string;
    };
    await server.printed("Sending “Hello” to ada@example.com");
    await expect
      .poll(async () => (await send("GET", `/emails/${jobId}`)).json(), { timeout: 20_000 })
      .toMatchObject({ status: "completed", attempt: 1, result: { sentTo: "ada@example.com" } });
    const later = await (await send("POST", "/emails", { to: "ada@example.com", later: true })).json();
    const { jobId: laterId } = later as { jobId: string };
    expect(await (await send("GET", `/emails/${laterId}`)).json()).toMatchObject({ status: "pending" });
  });

  it("Joystick: named jobs, due at a time", async () => {
    const at = new Date(Date.now() + 1_500).toISOString();
    await send("POST", "/notifications", { to: "ada", at });
    await server.printed("An email to ada");
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(at));
  });
});
