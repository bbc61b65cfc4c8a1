import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../../harness/command.js";
import { type DevServer, startDev } from "../../harness/dev-server.js";
import { journalOf } from "../../harness/journal.js";
import { type ConnectOptions, connectSocket } from "../../harness/socket-client.js";
import { makeProject, type TemporaryProject } from "../../harness/temporary-project.js";
import { waitFor } from "../../harness/wait-for.js";
import { SOCKET_PROJECT } from "./project.js";

let project: TemporaryProject;
let server: DevServer;

beforeAll(async () => {
  project = makeProject(SOCKET_PROJECT, { keep: true });
  server = await startDev(project.folder, { keep: true });
});

afterAll(async () => {
  await server?.stop();
  project?.dispose();
});

const connect = (path = "/", options: ConnectOptions = {}) =>
  connectSocket(server.url.replace("http", "ws") + path, options);
/** A user that no other test has. */
let users = 0;
const newUser = () => `user-${++users}`;
const json = (value: unknown, method = "POST") => ({
  method,
  body: JSON.stringify(value),
  headers: { "content-type": "application/json" },
});
const noted = (event: string, value: unknown) =>
  journalOf(project.folder)
    .entries(event)
    .filter((entry) => entry.value === value).length;

describe("a message", () => {
  it("is handled as JSON, or as text where it is none, and answered with what is returned", async () => {
    const client = await connect("/any/path?x=1");
    expect(await client.ask({ hello: "you" })).toEqual({ echo: { hello: "you" } });
    client.sendText("not {json");
    expect(await client.received("text", (each) => (each as { text?: string }).text !== undefined)).toEqual({
      text: "not {json",
    });
    client.send({ do: "nothing" });
    expect(await client.ask({ do: "who" })).toEqual({ user: null, hasId: true, hasRequest: true });
    await client.close();
  });

  it("gets what its handler sends in order, before what it returns", async () => {
    const client = await connect();
    client.send({ do: "several" });
    await client.received("the fourth", (each) => (each as { n?: number }).n === 4);
    expect(client.messages).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
    await client.close();
  });

  it("whose handler throws is answered with an error that says nothing; the log says it all", async () => {
    const client = await connect();
    const answer = await client.ask({ do: "throw" });
    expect(answer).toEqual({ error: expect.stringMatching(/^Internal error, request /) });
    await server.printed("a secret of the server's");
    expect(JSON.stringify(client.messages)).not.toContain("secret");
    expect(await client.ask({ do: "refuse" })).toEqual({ error: "Forbidden" });
    expect(await client.ask({ do: "bad-result" })).toEqual({ error: expect.stringMatching(/^Internal/) });
    expect(await client.ask({ do: "online", id: "nobody" })).toEqual({ online: false });
    await client.close();
  });

  it("is given up when its time is up, and its signal aborted", async () => {
    const client = await connect();
    expect(await client.ask({ do: "sleep" })).toEqual({ error: expect.stringMatching(/^The time is up/) });
    await waitFor("the signal to abort", () => noted("aborted", undefined) === 1);
    expect(await client.ask("still here")).toEqual({ text: "still here" });
    await client.close();
  });

  it("whose handler ends its process is answered as API Gateway does", async () => {
    const client = await connect();
    expect(await client.ask({ do: "exit" })).toMatchObject({ message: "Internal server error" });
    expect(await client.ask("still here")).toEqual({ text: "still here" });
    await client.close();
  });

  it("cannot send after its handler has ended", async () => {
    const client = await connect();
    expect(await client.ask({ do: "after" })).toEqual({ ok: true });
    const [late] = await journalOf(project.folder).until("late", 1);
    expect(late?.value).toContain("after its handler had ended");
    await client.close();
  });
});

describe("limits", () => {
  it("closes a connection whose message or frame is too large, with 1009", async () => {
    for (const size of [33 * 1024, 129 * 1024]) {
      const client = await connect();
      client.sendText("x".repeat(size));
      expect((await client.closed).code).toBe(1009);
    }
    const client = await connect();
    const parts = ["y".repeat(30_000), "y".repeat(30_000), "y".repeat(30_000)];
    for (const [index, part] of parts.entries())
      client.socket.send(part, { fin: index === parts.length - 1 });
    expect(await client.received("the large one", (each) => typeof each === "object")).toEqual({
      text: parts.join(""),
    });
    for (let index = 0; index < 6; index++) client.socket.send("z".repeat(30_000), { fin: index === 5 });
    expect((await client.closed).code).toBe(1009);
  });

  it("takes no bytes, as API Gateway does not", async () => {
    const client = await connect();
    client.socket.send(Buffer.from([1, 2, 3]));
    expect((await client.closed).code).toBe(1003);
  });

  it("sends up to 128 KB", async () => {
    const client = await connect();
    const most = await client.ask({ do: "big", size: 128 * 1024 });
    expect(String(most)).toHaveLength(128 * 1024);
    expect(await client.ask({ do: "big", size: 128 * 1024 + 1 })).toEqual({
      error: expect.stringMatching(/^Internal/),
    });
    await server.printed("QR_SOCKET_TOO_LARGE");
    await client.close();
  });
});

describe("who it is", () => {
  it("is said by a cookie, a query, a bearer token or the first message that says it", async () => {
    const who = { do: "who" };
    const byCookie = await connect("/", { headers: { cookie: "user=cookie%20one" } });
    expect(await byCookie.ask(who)).toMatchObject({ user: { id: "cookie one", name: "N. cookie one" } });
    const byQuery = await connect("/?user=q");
    expect(await byQuery.ask(who)).toMatchObject({ user: { id: "q" } });
    const byToken = await connect("/", { headers: { authorization: "Bearer b1" } });
    expect(await byToken.ask(who)).toMatchObject({ user: { id: "b1" } });
    const byMessage = await connect();
    expect(await byMessage.ask(who)).toMatchObject({ user: null });
    expect(await byMessage.ask({ ...who, token: "m1" })).toMatchObject({ user: { id: "m1" } });
    expect(await byMessage.ask({ ...who, token: "m2" })).toMatchObject({ user: { id: "m1" } });
    for (const client of [byCookie, byQuery, byToken, byMessage]) await client.close();
  });

  it("may be refused: the handshake with its status, a message with an error and the end", async () => {
    await expect(connect("/?token=bad")).rejects.toMatchObject({ status: 401 });
    await expect(connect("/?token=broken")).rejects.toMatchObject({ status: 500 });
    await server.printed("cannot look it up");
    await expect(connect("/", { headers: { "x-refuse": "1" } })).rejects.toMatchObject({ status: 418 });
    const client = await connect();
    client.send({ token: "bad" });
    await client.closed;
    expect(client.messages).toEqual([{ error: "Unauthorized" }]);
  });

  it("is not taken from the cookies of a page elsewhere", async () => {
    const cookie = "user=victim";
    const elsewhere = await connect("/", { headers: { cookie, origin: "https://evil.example" } });
    expect(await elsewhere.ask({ do: "who" })).toMatchObject({ user: null });
    const own = await connect("/", { headers: { cookie, origin: server.url } });
    expect(await own.ask({ do: "who" })).toMatchObject({ user: { id: "victim" } });
    const frontEnd = await connect("/", { headers: { cookie, origin: "http://localhost:5173" } });
    expect(await frontEnd.ask({ do: "who" })).toMatchObject({ user: { id: "victim" } });
    for (const client of [elsewhere, own, frontEnd]) await client.close();
  });

  it("nothing is sent to a connection that is not open yet, and subprotocols are answered", async () => {
    const client = await connect("/", { headers: { "x-early": "1" }, protocols: ["chat.v2", "chat.v1"] });
    expect(client.socket.protocol).toBe("chat.v2");
    await waitFor("the refused send", () => noted("early", "QR_SOCKET_NOT_OPEN") === 1);
    await client.close();
  });
});

describe("users", () => {
  it("come online with the first connection and go offline with the last, however it ends", async () => {
    const user = newUser();
    const first = await connect(`/?user=${user}`);
    const second = await connect("/");
    expect(await second.ask({ do: "who", token: user })).toMatchObject({ user: { id: user } });
    const third = await connect(`/?user=${user}`);
    expect(await third.ask({ do: "online", id: user })).toEqual({ online: true });
    await first.close();
    second.cut();
    await waitFor("two to be gone", async () => {
      const sent = await server.fetch("/send", json({ users: [user], message: "?" }));
      return ((await sent.json()) as { reached: number }).reached === 1;
    });
    expect([noted("online", user), noted("offline", user)]).toEqual([1, 0]);
    third.cut();
    await waitFor("the user to go offline", () => noted("offline", user) === 1);
    expect(await (await server.fetch(`/send?user=${user}`)).json()).toMatchObject({ online: false });
    const again = await connect(`/?user=${user}`);
    expect(noted("online", user)).toBe(2);
    await again.close();
    await waitFor("the user to go offline again", () => noted("offline", user) === 2);
  });

  it("are reached from requests, queues, schedules and other sockets, on each of their connections", async () => {
    const ada = await Promise.all([connect("/?user=ada"), connect("/?user=ada")]);
    const bob = await connect("/?user=bob");
    const eve = await connect("/?user=eve");
    const all = [...ada, bob];
    const everyone = (what: string, is: (message: unknown) => boolean) =>
      Promise.all(all.map((client) => client.received(what, is)));

    const answer = await server.fetch("/send", json({ users: ["ada", "bob", "ada"], message: { n: 1 } }));
    expect(await answer.json()).toEqual({ reached: 3 });
    await everyone("from HTTP", (each) => (each as { n?: number }).n === 1);
    await server.sqs.send("tell", JSON.stringify({ user: "ada", text: "hi" }));
    await ada[0].received("from a queue", (each) => (each as { queue?: string }).queue === "hi");
    await ada[1].received("from a queue", (each) => (each as { queue?: string }).queue === "hi");
    expect(await runCommand(["dev", "schedule", "tick"], { cwd: project.folder })).toMatchObject({ code: 0 });
    await everyone("from a schedule", (each) => (each as { tick?: boolean }).tick === true);
    expect(await eve.ask({ do: "to", users: "bob", message: "psst" })).toEqual({ reached: 1 });
    await bob.received("from a socket", (each) => each === "psst");
    expect(eve.messages).toEqual([{ reached: 1 }]);

    const closed = await server.fetch("/send", json({ users: ["ada", "bob"], message: null }, "DELETE"));
    expect(await closed.json()).toEqual({ closed: 3 });
    for (const client of all) expect((await client.closed).code).toBe(1000);
    await eve.close();
    expect(await (await server.fetch("/send?user=ada")).json()).toMatchObject({
      url: server.url.replace("http", "ws"),
    });
    await waitFor("ada to be offline", async () => {
      const { online } = (await (await server.fetch("/send?user=ada")).json()) as { online: boolean };
      return !online;
    });
  });

  it("who push a job are told of its progress, from a message or from a request", async () => {
    const user = newUser();
    const browser = await connect(`/?user=${user}`);
    expect(await browser.ask({ do: "job" })).toEqual({ jobId: expect.any(String) });
    await browser.received("all of it", (each) => (each as { progress?: number }).progress === 1);
    expect(browser.messages.slice(1)).toEqual([{ progress: 1 / 3 }, { progress: 2 / 3 }, { progress: 1 }]);
    const cookie = { cookie: `user=${user}` };
    await server.fetch("/mine", { method: "PUT", headers: cookie });
    await browser.received("the half", (each) => (each as { progress?: number }).progress === 1 / 2);
    await server.fetch("/mine", { method: "POST", headers: cookie });
    await browser.received("hello", (each) => (each as { hello?: string }).hello === user);
    await browser.close();
    expect((await server.fetch("/mine", { method: "POST" })).status).toBe(500);
    await server.printed("QR_SOCKET_NO_RECIPIENT");
  });

  it("close from their own handler", async () => {
    const client = await connect("/?user=leaver");
    client.send({ do: "close" });
    expect((await client.closed).code).toBe(1000);
  });
});

it("serves a hundred connections at once, of users with one, two or three, exactly", async () => {
  const names = Array.from({ length: 50 }, () => newUser());
  const clients = await Promise.all(
    Array.from({ length: 100 }, (_, index) => connect(`/?user=${names[(index * 7) % 50]}`)),
  );
  const answers = await Promise.all(clients.map((client, index) => client.ask({ index })));
  expect(answers).toEqual(clients.map((_, index) => ({ echo: { index } })));
  const sent = await server.fetch("/send", json({ users: names, message: { all: true } }));
  expect(await sent.json()).toEqual({ reached: 100 });
  await Promise.all(
    clients.map((client) => client.received("all", (each) => (each as { all?: true }).all === true)),
  );
  for (const [index, client] of clients.entries()) {
    if (index % 2 === 0) client.cut();
    else void client.close();
  }
  await waitFor("all to go offline", () => names.every((name) => noted("offline", name) > 0), {
    deadlineMs: 40_000,
  });
  for (const name of names)
    expect([name, noted("online", name), noted("offline", name)]).toEqual([name, 1, 1]);
}, 90_000);
