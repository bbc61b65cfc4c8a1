import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";
import { waitFor } from "../harness/wait-for.js";

const FILES = {
  "api/index.ts": "export const get = () => 'hello';",
  "queues/emails.ts": `
    import { existsSync } from "node:fs";
    export const config = { retries: 0, track: true };
    export default (payload) => {
      console.log("sending", payload);
      if (!existsSync("mended")) throw new Error("no <b>address</b>");
    };`,
  "schedules/daily.ts": 'export const schedule = "daily"; export default () => console.log("ran daily");',
};

describe("the dashboard", () => {
  let project: TemporaryProject;
  let server: DevServer;
  beforeAll(async () => {
    project = makeProject(FILES, { keep: true });
    server = await startDev(project.folder, { keep: true });
  });
  afterAll(async () => {
    await server?.stop();
    project?.dispose();
  });

  const content = async () => (await server.fetch("/_queue-run/content")).text();
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    server.fetch(`/_queue-run${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });

  /** With headers that fetch does not let anybody set. */
  function statusOf(
    path: string,
    headers: { host: string; origin?: string },
    method = "GET",
  ): Promise<number> {
    return new Promise((resolve, reject) => {
      const sent = request({ port: server.port, host: "127.0.0.1", path, method, headers, agent: false });
      sent.on("response", (response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      });
      sent.on("error", reject);
      sent.end();
    });
  }

  it("is a page with what the project has, which runs nothing of others'", async () => {
    const response = await server.fetch("/_queue-run");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(/^text\/html/);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(response.headers.get("x-frame-options")).toBe("DENY");
    const text = await response.text();
    for (const part of ["queues/emails.ts", "api/index.ts", "schedules/daily.ts"])
      expect(text).toContain(part);
    for (const [asset, type] of [
      ["dashboard.js", "text/javascript"],
      ["dashboard.css", "text/css"],
    ] as const) {
      const found = await server.fetch(`/_queue-run/${asset}`);
      expect([found.status, found.headers.get("content-type")?.split(";")[0]]).toEqual([200, type]);
    }
    expect((await server.fetch("/_queue-run/nothing")).status).toBe(404);
    expect((await server.fetch("/_queue-run/..%2fpackage.json")).status).toBe(404);
  });

  it("answers this machine alone: no other host, no other origin, nor one of null", async () => {
    const host = `localhost:${server.port}`;
    const paths = ["/_queue-run", "/_queue-run/content", "/_queue-run/events", "/_queue-run/status"];
    for (const path of paths) {
      for (const name of ["localhost", "127.0.0.1", "[::1]"])
        expect(await statusOf(path, { host: `${name}:${server.port}` }), `${name}${path}`).toBe(200);
      expect(await statusOf(path, { host, origin: `http://${host}` })).toBe(200);
      for (const headers of [
        { host: "localhost" },
        { host: `evil.example:${server.port}` },
        { host: "localhost.evil.example" },
        { host, origin: "null" },
        { host, origin: "http://evil.example" },
        { host, origin: `https://${host}` },
        { host, origin: "http://localhost:1" },
      ])
        expect(await statusOf(path, headers), `${path} ${JSON.stringify(headers)}`).toBe(403);
    }
    for (const path of [
      "/_queue-run/failed/emails/purge",
      "/_queue-run/queue/emails",
      "/_queue-run/schedule/daily",
    ])
      for (const origin of ["null", "http://evil.example"])
        expect(await statusOf(path, { host, origin }, "POST"), path).toBe(403);
  });

  it("pushes, shows the job's failure escaped, and sends its dead letter again", async () => {
    const { jobId } = (await (
      await post("/queue/emails", { payload: { to: "<i>Ada</i>" }, options: {} })
    ).json()) as {
      jobId: string;
    };
    // The dead letter is sent before its job's invocation ends.
    const failed = await waitFor("the dead letter and its job's end", async () => {
      const text = await content();
      return text.includes('id="failed"') && /dead-lettered<\/td>/.test(text) ? text : null;
    });
    expect(failed).toContain(jobId);
    expect(failed).toContain("no &lt;b&gt;address&lt;/b&gt;");
    expect(failed).toContain("&lt;i&gt;Ada&lt;/i&gt;");
    expect(failed).not.toContain("<i>Ada");
    expect(failed).toContain("record: failed");

    project.write("mended", "");
    expect(await (await post("/failed/emails/retry", { jobId })).json()).toMatchObject({
      retried: [jobId],
      refused: [],
    });
    await waitFor("the job to be done", async () => {
      const text = await content();
      return !text.includes('id="failed"') && /record: completed/.test(text);
    });
    project.remove("mended");
    await post("/queue/emails", { payload: "again", options: {} });
    await waitFor("another dead letter", async () => (await content()).includes('id="failed"'));
    expect(await (await post("/failed/emails/purge", {})).json()).toMatchObject({ refused: [] });
    await waitFor("no dead letter", async () => !(await content()).includes('id="failed"'));
    expect((await post("/failed/nothing/purge", {})).status).toBe(404);
    for (const path of ["/queue/%zz", "/schedule/%zz", "/failed/%zz/retry"])
      expect((await post(path, {})).status, path).toBeGreaterThanOrEqual(404);
    expect((await server.fetch("/_queue-run/status")).status).toBe(200);
  });

  it("sends the log as it happens, without colours, and tells what was before", async () => {
    const abort = new AbortController();
    const response = await server.fetch("/_queue-run/events", { signal: abort.signal });
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    let log = "";
    const reading = (async () => {
      const decoder = new TextDecoder();
      for await (const piece of response.body ?? [])
        for (const line of decoder.decode(piece, { stream: true }).split("\n"))
          if (line.startsWith("data: ")) log += JSON.parse(line.slice("data: ".length));
    })().catch(() => {});
    await waitFor("what was before", () => log.includes("sending"));
    await post("/schedule/daily", {});
    await waitFor("the run", () => /daily \| ran daily/.test(log));
    expect(log).not.toContain("\u001b");
    abort.abort();
    await reading;
  });

  it("does not keep the server from stopping while a page is open", async () => {
    const other = makeProject({ "queues/one.ts": "export default () => {};" });
    const second = await startDev(other.folder);
    const events = await second.fetch("/_queue-run/events");
    const reading = events.text().catch(() => "");
    const startedAt = performance.now();
    await second.stop();
    expect(performance.now() - startedAt).toBeLessThan(2_400);
    await reading;
  });
});
