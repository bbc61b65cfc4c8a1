import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { journalOf, journalSource } from "../harness/journal.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

const files = {
  "lib/journal.ts": journalSource,
  // The same list on both sides: a route pushes its members, the handler compares what arrives.
  "lib/payloads.ts": `
    export const payloads: unknown[] = [
      { nested: { list: [1, 2.5, -0.1, null, true, "x"] }, "": "empty key", __proto__x: 1 },
      [], {}, [[[]]], 0, 1e21, -1.5, true, false, null,
      "plain", " spaces and\\ttabs\\nand lines\\r\\n", '{"looks":"like JSON"}', "[1,2]", "null", "0", '"quoted"',
      "Grüße, 世界 🎉", "\\u0000\\u0001\\u001f control", "\\ufffe\\uffff", "lone \\ud800 surrogate", "\\u2028\\u2029",
      "x".repeat(300_000),
      Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
      new Uint8Array([0, 255, 128]),
      Buffer.from("text in a buffer"),
      Buffer.alloc(200_000, 7),
    ];`,
  "queues/one.ts": `
    import { isDeepStrictEqual } from "node:util";
    import { type JobMetadata, queues } from "queue-run";
    import { note } from "#lib/journal.js";
    import { payloads } from "#lib/payloads.js";
    export const queue = queues.self<never>();
    export default async function (payload: unknown, { jobId }: JobMetadata) {
      const bytes = payload instanceof Uint8Array;
      const index = payloads.findIndex((it) =>
        it instanceof Uint8Array ? bytes && Buffer.compare(payload, it) === 0 : isDeepStrictEqual(payload, it),
      );
      note("arrived", { index, jobId, payload: index < 0 ? payload : undefined });
    }`,
  "api/push/[index].ts": `
    import type { HttpRequest } from "queue-run";
    import { payloads } from "#lib/payloads.js";
    import { queue } from "#queues/one.js";
    export async function post({ params }: HttpRequest<unknown, { index: string }>) {
      return { jobId: await queue.push(payloads[Number(params.index)] as never) };
    }`,
  "api/push-all.ts": `
    import { payloads } from "#lib/payloads.js";
    import { queue } from "#queues/one.js";
    export async function post() {
      return { jobIds: await queue.pushAll(payloads as never[]) };
    }`,
  "queues/outside.ts": `
    import { note } from "#lib/journal.js";
    export default async function (payload: unknown) {
      note("outside", { type: typeof payload, payload });
    }`,
  "queues/posted.ts": `
    import { queues } from "queue-run";
    import { note } from "#lib/journal.js";
    export const queue = queues.self();
    export default async function (payload: unknown) {
      note("posted", { type: typeof payload, payload });
    }`,
  "api/posted.ts": 'import { queue } from "#queues/posted.js"; export const post = queue.http;',
};

const COUNT = 27;

describe("a payload", () => {
  let project: TemporaryProject;
  let server: DevServer;

  beforeAll(async () => {
    project = makeProject(files, { keep: true });
    server = await startDev(project.folder, { keep: true });
  });

  afterAll(async () => {
    await server?.stop();
    project?.dispose();
  });

  it("arrives as it was pushed, whatever it is", async () => {
    const journal = journalOf(project.folder);
    const jobIds: string[] = [];
    for (let index = 0; index < COUNT; index++) {
      const response = await server.fetch(`/push/${index}`, { method: "POST" });
      expect([index, response.status]).toEqual([index, 200]);
      jobIds.push(((await response.json()) as { jobId: string }).jobId);
    }
    const arrived = await journal.until("arrived", COUNT);
    expect(jobIds.map((id) => arrived.find(({ jobId }) => jobId === id)?.index)).toEqual([
      ...Array(COUNT).keys(),
    ]);
  });

  it("arrives with its own id when many are pushed together", async () => {
    const journal = journalOf(project.folder);
    const before = journal.entries("arrived").length;
    const response = await server.fetch("/push-all", { method: "POST" });
    const { jobIds } = (await response.json()) as { jobIds: string[] };
    expect(new Set(jobIds).size).toBe(COUNT);
    const arrived = (await journal.until("arrived", before + COUNT)).slice(before);
    expect(jobIds.map((id) => arrived.find(({ jobId }) => jobId === id)?.index)).toEqual([
      ...Array(COUNT).keys(),
    ]);
  });

  it("from outside is parsed when it is a JSON object or array, else a string", async () => {
    const bodies = ['{"a":1}', "[1,2]", "plain", "5", "true", '"quoted"', "{not json", " {}"];
    for (const body of bodies) await server.sqs.send("outside", body);
    const seen = await journalOf(project.folder).until("outside", bodies.length);
    const strings = ["plain", "5", "true", '"quoted"', "{not json"];
    for (const body of strings)
      expect(seen).toContainEqual(expect.objectContaining({ type: "string", payload: body }));
    for (const payload of [{ a: 1 }, [1, 2], {}])
      expect(seen).toContainEqual(expect.objectContaining({ type: "object", payload }));
  });

  it("from outside may have attributes of its own, and fails at once where its envelope does not fit its body", async () => {
    const envelope = (text: string) => ({
      MessageAttributes: { "queue-run": { DataType: "String", StringValue: text } },
    });
    await server.sqs.send("outside", "attributed", {
      MessageAttributes: { colour: { DataType: "String", StringValue: "red" } },
    });
    await server.sqs.send("outside", "no envelope", envelope("not JSON"));
    await server.sqs.send("outside", "not JSON", envelope("{}"));
    const seen = await journalOf(project.folder).until("outside", 10);
    for (const payload of ["attributed", "no envelope"])
      expect(seen).toContainEqual(expect.objectContaining({ type: "string", payload }));
    const [deadLetter] = await server.sqs.take("outside-dlq", 1);
    expect(deadLetter?.Body).toBe("not JSON");
  });

  it("of each content type arrives as the type says", async () => {
    const form = new FormData();
    form.append("name", "Ada");
    form.append("tag", "a");
    form.append("tag", "b");
    await server.post("/posted", '{"a":[1,{"b":null}]}', { "content-type": "application/json" });
    await server.post("/posted", '{"still":"text"}', { "content-type": "text/plain" });
    await server.post("/posted", "Grüße & 世界", { "content-type": "text/plain; charset=utf-8" });
    await server.post("/posted", new URLSearchParams({ name: "Ada Lovelace", note: "50% + 1 & 世界" }));
    await server.post("/posted", form);
    const seen = (await journalOf(project.folder).until("posted", 5)).map(({ payload }) => payload);
    for (const payload of [
      { a: [1, { b: null }] },
      '{"still":"text"}',
      "Grüße & 世界",
      { name: "Ada Lovelace", note: "50% + 1 & 世界" },
      { name: "Ada", tag: ["a", "b"] },
    ])
      expect(seen).toContainEqual(payload);
  });
});
