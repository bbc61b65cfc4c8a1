import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DevServer, startDev } from "../harness/dev-server.js";
import { journalOf, journalSource } from "../harness/journal.js";
import { makeProject, type TemporaryProject } from "../harness/temporary-project.js";
import { waitFor } from "../harness/wait-for.js";

const files = {
  "lib/journal.ts": journalSource,
  "api/index.ts": 'export const get = () => "here"; export const post = ({ body }) => ({ body });',
  "api/wait.ts": `
    import { note } from "#lib/journal.js";
    export const config = { timeout: 60 };
    export async function get({ signal, request }) {
      note("waiting");
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      note("left", { reason: String(signal.reason), request: request.signal.aborted });
    }`,
  "api/ticks.ts": `
    import { note } from "#lib/journal.js";
    export const config = { timeout: 60 };
    export function get({ signal }) {
      signal.addEventListener("abort", () => note("aborted"));
      const body = new ReadableStream({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 5));
          controller.enqueue(new TextEncoder().encode("tick\\n"));
        },
        cancel: () => note("cancelled"),
      });
      return new Response(body, { headers: { "content-type": "text/event-stream" } });
    }`,
  "api/large.ts": `
    import { note } from "#lib/journal.js";
    export const config = { timeout: 60 };
    export function get() {
      let pieces = 0;
      const body = new ReadableStream({
        pull(controller) {
          controller.enqueue(new Uint8Array(1024 * 1024));
          if (++pieces === 64) controller.close();
          note("piece", { pieces });
        },
      });
      return new Response(body);
    }`,
  "api/guarded/_middleware.ts": `
    export const authenticate = ({ bearerToken, username, password }) => {
      if (bearerToken === "good") return { id: "ada" };
      if (username === "eve" && password === "x:y") return { id: "eve" };
      if (bearerToken || username) throw new Response(null, { status: 403 });
      throw new Response(null, { status: 401 });
    };`,
  "api/guarded/me.ts": "export const get = ({ user }) => user.id;",
};

describe("clients that are slow, go away, or say what they should not", () => {
  let project: TemporaryProject;
  let server: DevServer;
  const open: Socket[] = [];
  beforeAll(async () => {
    project = makeProject(files, { keep: true });
    server = await startDev(project.folder, { keep: true });
  });
  afterAll(async () => {
    for (const socket of open) socket.destroy();
    await server?.stop();
    project?.dispose();
  });

  /** Sends text over a connection of its own, whatever it is, and collects what comes back. */
  function send(text: string): { socket: Socket; received: () => string } {
    let received = "";
    const socket = connect(server.port, "127.0.0.1");
    socket.write(text);
    socket.on("data", (bytes) => {
      received += bytes;
    });
    socket.on("error", () => undefined);
    open.push(socket);
    return { socket, received: () => received };
  }
  const statusOf = async (text: string): Promise<number> => {
    const { socket, received } = send(text);
    const status = await waitFor(
      "an answer",
      () => /^HTTP\/1\.1 (\d{3})[\s\S]*\r\n\r\n/.exec(received())?.[1],
    );
    socket.destroy();
    return Number(status);
  };
  const get = (path: string, headers: string[] = []) =>
    `GET ${path} HTTP/1.1\r\n${["host: localhost", ...headers].join("\r\n")}\r\n\r\n`;

  it("a client that goes away while its handler runs, aborts it", async () => {
    const { socket } = send(get("/wait"));
    await journalOf(project.folder).until("waiting", 1);
    socket.destroy();
    const [left] = await journalOf(project.folder).until("left", 1);
    expect(left).toMatchObject({ reason: "AbortError: The client has gone", request: true });
  });

  it("a client that goes away amid a stream, ends it", async () => {
    const { socket, received } = send(get("/ticks"));
    await waitFor("a second tick", () => received().split("tick").length > 2);
    socket.destroy();
    await journalOf(project.folder).until("cancelled", 1);
    await journalOf(project.folder).until("aborted", 1);
  });

  it("a stream is made no faster than its client takes it", async () => {
    const { socket, received } = send(get("/large"));
    await waitFor("the head", () => received().length > 0);
    socket.pause();
    const journal = journalOf(project.folder);
    const paused = await waitFor("the stream to rest", async () => {
      const before = journal.entries("piece").length;
      expect(await (await server.fetch("/")).text()).toBe("here");
      await new Promise((resolve) => setTimeout(resolve, 200));
      return journal.entries("piece").length === before ? { before } : null;
    });
    expect(paused.before).toBeLessThan(64);
    socket.resume();
    await journal.until("piece", 64);
  });

  it("bodies that come a byte at a time, or never, hold nobody up", async () => {
    const head = "POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n";
    const slow = Array.from({ length: 200 }, () => send(`${head}content-length: 12\r\n\r\n{`));
    const neverAHead = Array.from({ length: 200 }, () => send("POST / HTTP/1.1\r\nhost: loc"));
    expect(await (await server.fetch("/")).text()).toBe("here");
    for (const [index, { socket }] of slow.entries()) if (index > 0) socket.destroy();
    for (const { socket } of neverAHead) socket.destroy();
    const [patient] = slow;
    for (const byte of '"a":"bcde"}') {
      patient?.socket.write(byte);
      expect((await server.fetch("/")).status).toBe(200);
    }
    await waitFor("an answer", () => patient?.received().includes('{"body":{"a":"bcde"}}'));
  });

  it.each([
    [
      "a length and chunks",
      "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["two lengths", "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab"],
    [
      "an encoding that is none",
      "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
    ],
    ["a blank before the colon", "GET / HTTP/1.1\r\nhost: a\r\nauthorization : Bearer good\r\n\r\n"],
    ["a header over two lines", "GET / HTTP/1.1\r\nhost: a\r\nauthorization: Bearer\r\n good\r\n\r\n"],
    ["no host", "GET / HTTP/1.1\r\n\r\n"],
  ])("a request with %s, which two servers could read in two ways, is 400", async (_, text) => {
    expect(await statusOf(text)).toBe(400);
  });

  it("headers that are too large are 431", async () => {
    expect(await statusOf(get("/", [`x: ${"a".repeat(20_000)}`]))).toBe(431);
  });

  it("several Authorization headers, or one that is malformed, are no credentials", async () => {
    const eve = Buffer.from("eve:x:y").toString("base64");
    expect(await statusOf(get("/guarded/me", ["authorization: Bearer good"]))).toBe(200);
    expect(await statusOf(get("/guarded/me", ["AUTHORIZATION: bEaReR   good"]))).toBe(200);
    expect(await statusOf(get("/guarded/me", [`authorization: Basic ${eve}`]))).toBe(200);
    for (const headers of [
      ["authorization: Bearer good", "authorization: Bearer good"],
      ["authorization: Bearer bad", "Authorization: Bearer good"],
      ["authorization: Bearer good", `authorization: Basic ${eve}`],
      ["authorization: Bearer good, x"],
      [`authorization: Basic ${eve.slice(0, -2)}!!`],
      ["authorization: Bearer good\u00a0"],
      ["authorization:"],
      ["x-authorization: Bearer good"],
      ["authorization_: Bearer good"],
      ["proxy-authorization: Bearer good"],
    ])
      expect([headers, await statusOf(get("/guarded/me", headers))]).toEqual([headers, 401]);
  });

  it("what is guarded is guarded under every spelling of its path", async () => {
    const paths = [
      "/guarded/me",
      "/guarded/me/",
      "/%67uarded/me",
      "/guarded%2Fme",
      "//guarded/me",
      "/./guarded/me",
    ];
    for (const path of [
      ...paths,
      "/x/../guarded/me",
      "/GUARDED/me",
      "/guarded/me;x",
      "/guarded/me%00",
      "/guarded\\me",
    ])
      expect([path, [401, 404].includes(await statusOf(get(path)))]).toEqual([path, true]);
  });
});
