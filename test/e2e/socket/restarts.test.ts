import { request } from "node:http";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { startDev } from "../../harness/dev-server.js";
import { journalOf, journalSource } from "../../harness/journal.js";
import { connectSocket } from "../../harness/socket-client.js";
import { makeProject } from "../../harness/temporary-project.js";
import { waitFor } from "../../harness/wait-for.js";

const HANDLER = `
  import type { SocketEvent } from "queue-run";
  import { greeting } from "#lib/greeting.js";
  export default async ({ data, user }: SocketEvent) => ({ greeting, data, user: user?.id ?? null });`;
const FILES = {
  "socket/index.ts": HANDLER,
  "socket/_middleware.ts": `
    import type { SocketAuthenticateArgument, SocketUserEvent } from "queue-run";
    import { note } from "#lib/journal.js";
    import { setTimeout as sleep } from "node:timers/promises";
    export const authenticate = async ({ query }: SocketAuthenticateArgument) => {
      note("asked", {});
      if (query.slow) await sleep(300);
      return query.user ? { id: String(query.user) } : null;
    };
    export const onOnline = ({ user }: SocketUserEvent) => note("online", { value: user.id });
    export const onOffline = ({ user }: SocketUserEvent) => note("offline", { value: user.id });`,
  "lib/greeting.ts": `export const greeting = "one";`,
  "lib/journal.ts": journalSource,
  "api/send.ts": `
    import { socket } from "queue-run";
    export const post = async () => ({ reached: await socket.to("ada").send("hello") });`,
  "api/index.ts": `export const get = () => "plain"; export const post = ({ body }: { body: unknown }) => ({ body });`,
};

const reached = async (server: { fetch: (path: string, init: RequestInit) => Promise<Response> }) =>
  ((await (await server.fetch("/send", { method: "POST" })).json()) as { reached: number }).reached;

it("keeps connections when a file is saved, and answers them with the new code", async () => {
  const project = makeProject(FILES);
  const server = await startDev(project.folder);
  const client = await connectSocket(`${server.url.replace("http", "ws")}/?user=ada`);
  expect(await client.ask(1)).toEqual({ greeting: "one", data: 1, user: "ada" });
  project.write("lib/greeting.ts", `export const greeting = "two";`);
  await waitFor(
    "the new code",
    async () => ((await client.ask(2)) as { greeting: string }).greeting === "two",
  );
  expect(await client.ask(3)).toEqual({ greeting: "two", data: 3, user: "ada" });
  expect(await reached(server)).toBe(1);

  project.remove("socket/_middleware.ts");
  project.remove("socket/index.ts");
  expect((await client.closed).code).toBe(1001);
  await expect(connectSocket(server.url.replace("http", "ws"))).rejects.toMatchObject({ status: 200 });
  project.write("socket/index.ts", HANDLER);
  const later = await waitFor("the socket to be back", () =>
    connectSocket(server.url.replace("http", "ws")).catch(() => null),
  );
  expect(await later.ask(4)).toEqual({ greeting: "two", data: 4, user: null });
  await server.stop();
  expect((await later.closed).code).toBe(1001);
});

it("counts nobody as online who was connected to a server that is gone", async () => {
  const project = makeProject(FILES);
  const online = () => journalOf(project.folder).entries("online").length;
  const offline = () => journalOf(project.folder).entries("offline").length;

  const first = await startDev(project.folder);
  const client = await connectSocket(`${first.url.replace("http", "ws")}/?user=ada`);
  expect([online(), offline()]).toEqual([1, 0]);
  await first.stop();
  expect((await client.closed).code).toBe(1001);
  expect([online(), offline()]).toEqual([1, 1]);

  const second = await startDev(project.folder);
  const cut = await connectSocket(`${second.url.replace("http", "ws")}/?user=ada`);
  expect(await reached(second)).toBe(1);
  await second.kill();
  await cut.closed;

  const third = await startDev(project.folder);
  expect(await reached(third)).toBe(0);
  const again = await connectSocket(`${third.url.replace("http", "ws")}/?user=ada`);
  expect(await reached(third)).toBe(1);
  expect(online()).toBe(3);
  await again.close();
  await waitFor("the user to go offline", () => offline() === 2);
});

it("tells of the end of clients that never say goodbye: while they connect, and when the server stops", async () => {
  const project = makeProject(FILES);
  const journal = journalOf(project.folder);
  const server = await startDev(project.folder);
  const handshake = (query: string) => {
    const client = connect(server.port, "127.0.0.1");
    client.on("error", () => {});
    client.write(
      `GET /?${query} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    return client;
  };
  const hasty = handshake("user=hasty&slow=1");
  await journal.until("asked", 1);
  hasty.resetAndDestroy();
  expect((await journal.until("offline", 1)).map(({ value }) => value)).toEqual(["hasty"]);
  expect(journal.entries("online").map(({ value }) => value)).toEqual(["hasty"]);

  const silent = handshake("user=silent");
  await journal.until("online", 2);
  const stoppedAt = Date.now();
  await server.stop();
  expect(Date.now() - stoppedAt).toBeLessThan(5_000);
  expect(journal.entries("offline").map(({ value }) => value)).toEqual(["hasty", "silent"]);
  silent.destroy();
});

it("answers a request for another protocol as if it asked for none", async () => {
  const project = makeProject(FILES);
  const server = await startDev(project.folder);
  const ask = (method: string, headers: Record<string, string>) =>
    new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const asked = request(
        server.url,
        { method, headers: { connection: "Upgrade", ...headers } },
        (response) => {
          let text = "";
          response.on("data", (chunk) => {
            text += chunk;
          });
          response.on("end", () => resolve({ status: response.statusCode, text }));
        },
      );
      asked.on("error", reject);
      asked.end();
    });
  expect(await ask("GET", { upgrade: "h2c" })).toEqual({ status: 200, text: "plain" });
  expect(await ask("POST", { upgrade: "websocket" })).toMatchObject({ status: 200 });
  expect(await ask("GET", { upgrade: "websocket" })).toMatchObject({ status: 400 });
  expect(
    await ask("GET", { upgrade: "websocket", "sec-websocket-version": "13", "sec-websocket-key": "short" }),
  ).toMatchObject({ status: 400 });
  await expect(connectSocket(`${server.url.replace("http", "ws")}/_queue-run`)).rejects.toMatchObject({
    status: 200,
  });
});
