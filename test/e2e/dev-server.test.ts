import { request } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCommand } from "../harness/command.js";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { freePort } from "../harness/free-port.js";
import { journalOf, journalSource } from "../harness/journal.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";

const files = {
  "lib/journal.ts": journalSource,
  "queues/jobs.ts": `
    import { note } from "#lib/journal.js";
    export default async function (payload: unknown) {
      note("ran", { payload });
      console.log("escape \\u001b[31m and bell \\u0007 in %s", payload);
      if (payload === "hang") await new Promise(() => {});
    }`,
  "queues/failing.ts": `
    function explode(payload: string): never {
      throw new Error("exploded on " + payload);
    }
    export const config = { retries: 0 };
    export default async function (payload: string) {
      explode(payload);
    }`,
  "api/index.ts": 'export const get = () => "ok";',
  "api/failing.ts": 'export function get() {\n  throw new Error("secret detail");\n}\n',
};

/** A request whose Host and Origin are what we say; `fetch` does not let one choose. */
function statusOf(
  port: number,
  path: string,
  headers: Record<string, string>,
  host = "127.0.0.1",
): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, path, method: "POST", headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end('{"QueueNamePrefix":""}');
  });
}

describe("the dev server", () => {
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

  it("prints what it serves, and the ready line on stdout", () => {
    const said = server.command.output();
    for (const part of ["jobs", "failing", "/", String(server.sqsPort)]) expect(said).toContain(part);
    expect(server.command.stdout()).toMatch(/^.*Dev server listening on http:\/\/localhost:\d+\s*$/m);
  });

  it("prints nothing in colour into a pipe", () => {
    expect(server.command.output()).not.toContain("\u001b");
  });

  it("listens on 127.0.0.1 and ::1", async () => {
    for (const host of ["127.0.0.1", "[::1]"])
      expect((await fetch(`http://${host}:${server.port}/`)).status).toBe(200);
  });

  it("answers the SQS endpoint for localhost alone", async () => {
    const headers = {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": "AmazonSQS.ListQueues",
    };
    const port = server.sqsPort;
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
      expect([host, await statusOf(port, "/", { ...headers, host })]).toEqual([host, 200]);
    for (const host of ["evil.example", `evil.example:${port}`, "localhost", `localhost:${port + 1}`])
      expect([host, await statusOf(port, "/", { ...headers, host })]).toEqual([host, 403]);
    for (const origin of ["null", "http://evil.example", `http://localhost:${port + 1}`])
      expect([origin, await statusOf(port, "/", { ...headers, host: `localhost:${port}`, origin })]).toEqual([
        origin,
        403,
      ]);
  });

  it("names the handler, the attempt and the time it took", async () => {
    const from = server.command.output().length;
    const jobId = await server.sqs.send("jobs", "seen");
    const said = await server.printed(/jobs[\s\S]*\d+(\.\d+)? ?m?s/, { from });
    expect(said).toContain(jobId.slice(0, 8));
  });

  it("escapes control characters that a handler prints", async () => {
    await server.sqs.send("jobs", "printed");
    await server.printed("in printed");
    expect(server.command.output()).not.toContain("\u001b");
    expect(server.command.output()).not.toContain("\u0007");
  });

  it("shows where an error was thrown, in the source", async () => {
    await server.sqs.send("failing", "purpose");
    await server.printed("exploded on purpose");
    await server.printed(/queues\/failing\.ts:3/);
  });

  it("answers 500 with the request id and nothing else for an error, and prints the rest", async () => {
    const response = await server.fetch("/failing");
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(text).not.toContain("secret detail");
    const requestId = response.headers.get("x-request-id");
    expect(requestId).toBeTruthy();
    expect(text).toContain(String(requestId));
    await server.printed("secret detail");
    await server.printed(/api\/failing\.ts:2/);
  });

  it("outlives a client that sends nonsense", async () => {
    for (const port of [server.port, server.sqsPort]) {
      await new Promise<void>((resolve, reject) => {
        const socket = connect(port, "127.0.0.1", () => socket.write("NONSENSE\r\n\r\n\u0000\u0001"));
        socket.on("data", () => {});
        socket.on("error", () => resolve());
        socket.on("close", () => resolve());
        setTimeout(() => reject(new Error("The server keeps a nonsense connection open")), 10_000).unref();
      });
    }
    expect((await server.fetch("/")).status).toBe(200);
  });
});

it.each(["SIGINT", "SIGTERM"] as const)(
  "stops on %s within five seconds, even while a job hangs",
  async (signal) => {
    const project = makeProject(files);
    const server = await startDev(project.folder);
    await server.sqs.send("jobs", "hang");
    await journalOf(project.folder).until("ran", 1);
    const from = Date.now();
    server.command.signal(signal);
    const ending = await server.command.ended;
    expect(Date.now() - from).toBeLessThan(5_000);
    expect(ending.signal).toBeNull();
    // The job that was cut off runs again.
    const again = await startDev(project.folder);
    await journalOf(project.folder).until("ran", 2, { deadlineMs: 5_000 });
    await again.kill();
  },
);

it("takes its port from PORT, and prefers the flag", async () => {
  const project = makeProject(files);
  const port = await freePort();
  const sqsPort = await freePort();
  const command = startCommand(["dev", "--sqs-port", String(sqsPort)], {
    cwd: project.folder,
    env: { PORT: String(port) },
  });
  await command.printed(`Dev server listening on http://localhost:${port}`);
  command.signal("SIGINT");
  await command.ended;
  const server = await startDev(project.folder, { env: { PORT: String(port) } });
  expect(server.port).not.toBe(port);
});

it("uses another SQS with --sqs-endpoint", async () => {
  // Any SQS will do: another dev server's, for one, whose project has no such queue.
  const other = await startDev(makeProject({ "api/index.ts": files["api/index.ts"] }).folder);
  const project = makeProject({
    "lib/journal.ts": journalSource,
    "queues/elsewhere.ts": `
      import { queues } from "queue-run";
      import { note } from "#lib/journal.js";
      export const queue = queues.self();
      export default async function (payload: unknown) { note("ran", { payload }); }`,
    "api/elsewhere.ts": 'import { queue } from "#queues/elsewhere.js"; export const post = queue.http;',
  });
  const server = await startDev(project.folder, {
    arguments: ["--sqs-endpoint", `http://localhost:${other.sqsPort}`],
  });
  await server.post("/elsewhere", '{"via":"http"}', { "content-type": "application/json" });
  await other.sqs.send("elsewhere", '{"via":"sqs"}');
  const ran = await journalOf(project.folder).until("ran", 2);
  expect(ran.map(({ payload }) => payload)).toEqual(
    expect.arrayContaining([{ via: "http" }, { via: "sqs" }]),
  );
  await other.sqs.drained("elsewhere");
});

it("widens HTTP alone with --host", async () => {
  const project = makeProject(files);
  const server = await startDev(project.folder, { arguments: ["--host", "0.0.0.0"] });
  // Every address of 127.0.0.0/8 is this machine's, and only 127.0.0.1 is listened on without --host.
  expect((await fetch(`http://127.0.0.2:${server.port}/`)).status).toBe(200);
  await expect(fetch(`http://127.0.0.2:${server.sqsPort}/`)).rejects.toThrow();
  const narrow = await startDev(makeProject(files).folder);
  await expect(fetch(`http://127.0.0.2:${narrow.port}/`)).rejects.toThrow();
});

it("lets a debugger attach with --inspect, and suspends timeouts", async () => {
  const project = makeProject({
    "lib/journal.ts": journalSource,
    "queues/slow.ts": `
      import { setTimeout as sleep } from "node:timers/promises";
      import { note } from "#lib/journal.js";
      export const config = { timeout: 1, retries: 0 };
      export default async function () {
        await sleep(2_500);
        note("finished");
      }`,
  });
  const inspectPort = await freePort();
  const server = await startDev(project.folder, { arguments: ["--inspect", String(inspectPort)] });
  await server.sqs.send("slow", "x");
  const targets = await fetch(`http://127.0.0.1:${inspectPort}/json/list`);
  expect(await targets.json()).toContainEqual(
    expect.objectContaining({ webSocketDebuggerUrl: expect.stringContaining("ws://") }),
  );
  await journalOf(project.folder).until("finished", 1);
  await server.sqs.drained("slow");
  expect(await server.sqs.counts("slow-dlq")).toEqual({ visible: 0, inFlight: 0, delayed: 0 });
});
