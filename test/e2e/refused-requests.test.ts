import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { journalOf, journalSource } from "../harness/journal.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

const MEBIBYTE = 1_048_576;

const files = {
  "lib/journal.ts": journalSource,
  "queues/any.ts": `
    import { queues } from "queue-run";
    import { note } from "#lib/journal.js";
    export const queue = queues.self();
    export default async function (payload: unknown) {
      note("ran", { payload });
    }`,
  "queues/orders.fifo.ts": `
    import { queues } from "queue-run";
    import { note } from "#lib/journal.js";
    export const queue = queues.self.fifo<{ n: number }>();
    export default async function (payload: unknown) {
      note("ordered", { payload });
    }`,
  "queues/checked.ts": `
    import { queues } from "queue-run";
    import { z } from "zod";
    export const queue = queues.self({ schema: z.object({ email: z.email() }) });
    export default async function () {}`,
  "api/any.ts":
    'import { queue } from "#queues/any.js"; export const post = queue.http; export const config = { maxBody: "6MB" };',
  "api/small.ts":
    'import { queue } from "#queues/any.js"; export const post = queue.http; export const config = { maxBody: "1KB" };',
  "api/checked.ts": 'import { queue } from "#queues/checked.js"; export const post = queue.http;',
  "api/orders/[group]/[dedupe].ts":
    'import { queue } from "#queues/orders.fifo.js"; export const post = queue.http;',
  // Pushes what a client cannot send, and answers with the error's code and message.
  "api/push/[what].ts": `
    import { type HttpRequest, queues } from "queue-run";
    import { queue } from "#queues/any.js";
    import { queue as orders } from "#queues/orders.fifo.js";
    const circular: Record<string, unknown> = {};
    circular.list = [{ circular }];
    const text = (bytes: number) => "x".repeat(bytes);
    const pushes: Record<string, () => Promise<unknown>> = {
      undefined: () => queue.push(undefined as never),
      empty: () => queue.push("" as never),
      circular: () => queue.push(circular as never),
      function: () => queue.push({ deep: [{ call: () => 1 }] } as never),
      bigint: () => queue.push({ n: 1n } as never),
      map: () => queue.push({ map: new Map() } as never),
      large: () => queue.push(text(${MEBIBYTE + 1}) as never),
      none: () => queue.push(),
      "group-with-a-space": () => orders.group("a b").push({ n: 1 }),
      "no-group": () => orders.push({ n: 1 }),
      "dedupe-on-standard": () => (queue as never as typeof orders).dedupe("x").push({ n: 1 }),
      "no-such-queue": () => queues.get("an").push({}),
      "no-such-job": () => queue.job("nonsense").push({} as never),
      "invalid-date": () => queue.at("yesterday-ish").push({} as never),
      "two-years": () => queue.delay("730d").push({} as never),
    };
    export async function get({ params }: HttpRequest<unknown, { what: string }>) {
      try {
        return { id: await pushes[params.what]?.() };
      } catch (error) {
        const { code, message, fix } = error as { code?: string; message: string; fix?: string };
        return { code, message, fix };
      }
    }`,
};

describe("a queue behind a URL", () => {
  let project: TemporaryProject;
  let server: DevServer;

  beforeAll(async () => {
    project = makeProject(files, { keep: true, packages: ["zod"] });
    server = await startDev(project.folder, { keep: true });
  });

  afterAll(async () => {
    await server?.stop();
    project?.dispose();
  });

  const status = async (path: string, body: BodyInit | undefined, type?: string) => {
    const headers: Record<string, string> = type ? { "content-type": type } : {};
    const response = await server.fetch(path, { method: "POST", body, headers });
    await response.arrayBuffer();
    return response.status;
  };

  it.each([
    ["malformed JSON", '{"a":', "application/json", 422],
    ["nothing", undefined, "application/json", 422],
    ["an empty text", "", "text/plain", 422],
    ["XML", "<a/>", "application/xml", 415],
    ["an image", "GIF", "image/gif", 415],
  ])("refuses %s", async (_, body, type, expected) => {
    expect(await status("/any", body, type)).toBe(expected);
  });

  it("refuses a body without a type", async () => {
    expect(await status("/any", new Blob(["abc"]))).toBe(415);
  });

  it("refuses a body over the route's limit, and one that no message can hold", async () => {
    expect(await status("/small", "x".repeat(1025), "text/plain")).toBe(413);
    expect(await status("/any", "x".repeat(MEBIBYTE + 1), "text/plain")).toBe(413);
  });

  it("refuses a group or deduplication id that SQS refuses", async () => {
    expect(await status("/orders/a%20b/1", '{"n":1}', "application/json")).toBe(422);
    expect(await status(`/orders/a/${"d".repeat(129)}`, '{"n":1}', "application/json")).toBe(422);
    expect(await status("/orders/%E0%A4%A/1", '{"n":1}', "application/json")).toBe(400);
  });

  it("lists what a schema has against a payload", async () => {
    const response = await server.fetch("/checked", {
      method: "POST",
      body: JSON.stringify({ email: "nobody" }),
      headers: { "content-type": "application/json" },
    });
    expect(response.status).toBe(422);
    expect(JSON.stringify(await response.json())).toContain("email");
  });

  it("answers other methods with 405 and what is allowed", async () => {
    const response = await server.fetch("/any");
    expect([response.status, response.headers.get("allow")]).toEqual([405, expect.stringContaining("POST")]);
    expect((await server.fetch("/no/such/path")).status).toBe(404);
  });

  it.each([
    ["undefined", "payload"],
    ["empty", "empty"],
    ["circular", "list"],
    ["function", "deep"],
    ["bigint", "n"],
    ["map", "map"],
    ["large", String(MEBIBYTE)],
    ["group-with-a-space", "a b"],
    ["no-group", "group"],
    ["dedupe-on-standard", "dedupe"],
    ["no-such-queue", "any"],
    ["no-such-job", "nonsense"],
    ["invalid-date", "yesterday-ish"],
    ["two-years", "365 days"],
  ])("rejects the push of %s with a code, and what to do about it", async (what, said) => {
    const { id, code, message, fix } = (await (await server.fetch(`/push/${what}`)).json()) as Record<
      string,
      string
    >;
    expect(id).toBeUndefined();
    expect(code).toMatch(/^QR_[A-Z_]+$/);
    expect(`${message} ${fix}`).toContain(said);
  });

  it("has run none of all that, and runs what is right afterwards", async () => {
    const journal = journalOf(project.folder);
    await server.fetch("/push/none");
    await server.post("/orders/a/1", '{"n":1}', { "content-type": "application/json" });
    await journal.until("ran", 1);
    await journal.until("ordered", 1);
    expect(journal.entries().map(({ event, payload }) => [event, payload])).toEqual(
      expect.arrayContaining([
        ["ran", null],
        ["ordered", { n: 1 }],
      ]),
    );
    expect(journal.entries()).toHaveLength(2);
  });
});
