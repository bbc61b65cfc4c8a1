import { journalSource } from "../../harness/journal.js";

/** A project whose handlers do what a message asks of them. Users are named by a cookie, a query, or a message. */
export const SOCKET_PROJECT = {
  "socket/index.ts": `
    import { socket, queues, type SocketEvent } from "queue-run";
    import { setTimeout as sleep } from "node:timers/promises";
    import { note } from "#lib/journal.js";
    type Ask = { do: string; [name: string]: any };
    export const config = { timeout: 2 };
    export default async function ({ data, connection, user, requestId, signal }: SocketEvent<Ask | string>) {
      if (typeof data === "string") return { text: data };
      switch (data.do) {
        case "who": return { user, hasId: connection.length > 5, hasRequest: requestId.length > 5 };
        case "nothing": return;
        case "throw": throw new Error("a secret of the server's");
        case "refuse": throw new Response("no", { status: 403 });
        case "several":
          void socket.send({ n: 1 });
          void socket.send({ n: 2 });
          void socket.send({ n: 3 });
          return { n: 4 };
        case "bad-result": return 10n;
        case "to": return { reached: await socket.to(data.users).send(data.message) };
        case "online": return { online: await socket.isOnline(data.id) };
        case "close": await socket.close(); return;
        case "job": return { jobId: await queues.get("work").push({ steps: 3 }) };
        case "sleep": await sleep(10_000, null, { signal }).catch(() => note("aborted", {})); return { slept: true };
        case "big": return "x".repeat(data.size);
        case "exit": process.exit(7);
        case "after": setTimeout(() => socket.send("late").catch((error: Error) => note("late", { value: error.message })), 5); return { ok: true };
      }
      return { echo: data };
    }`,
  "socket/_middleware.ts": `
    import { socket, type SocketAuthenticateArgument, type SocketConnectEvent, type SocketUserEvent } from "queue-run";
    import { note } from "#lib/journal.js";
    export async function authenticate({ cookies, query, data, bearerToken }: SocketAuthenticateArgument) {
      if (query.token === "bad") throw new Response("No", { status: 401 });
      if (query.token === "broken") throw new Error("cannot look it up");
      const token = (data as any)?.token;
      if (token === "bad") throw new Response("No", { status: 401 });
      const id = cookies.user ?? query.user ?? bearerToken ?? token;
      return id ? { id: String(id), name: "N. " + id } : null;
    }
    export async function onConnect({ headers, user, connection }: SocketConnectEvent) {
      if (headers["x-refuse"]) throw new Response("No", { status: 418 });
      if (headers["x-early"]) await socket.send("too early").catch((error: any) => note("early", { value: error.code }));
      note("connect", { user: user?.id ?? null, hasId: connection.length > 5 });
    }
    export const onOnline = ({ user }: SocketUserEvent) => note("online", { value: user.id });
    export const onOffline = ({ user }: SocketUserEvent) => note("offline", { value: user.id });
  `,
  "queues/work.ts": `
    import { socket } from "queue-run";
    export default async function ({ steps }: { steps: number }) {
      for (let step = 1; step <= steps; step++) await socket.send({ progress: step / steps });
    }`,
  "queues/tell.ts": `
    import { socket } from "queue-run";
    export default async function ({ user, text }: { user: string; text: string }) {
      await socket.to(user).send({ queue: text });
    }`,
  "schedules/tick.ts": `
    import { socket } from "queue-run";
    export const schedule = "never";
    export default async () => { await socket.to(["ada", "bob"]).send({ tick: true }); };`,
  "api/send.ts": `
    import { socket, type HttpRequest } from "queue-run";
    type Body = { users: string[]; message: unknown };
    export const post = async ({ body }: HttpRequest<Body>) => ({ reached: await socket.to(body.users).send(body.message) });
    export const get = async ({ query }: HttpRequest) => ({ online: await socket.isOnline(String(query.user)), url: socket.url });
    export const del = async ({ body }: HttpRequest<Body>) => ({ closed: await socket.to(body.users).close() });`,
  "api/mine.ts": `
    import { socket, queues, type HttpRequest } from "queue-run";
    export const authenticate = ({ cookies }: any) => (cookies.user ? { id: cookies.user } : null);
    export const post = async ({ user }: HttpRequest) => { await socket.send({ hello: user?.id }); return { ok: true }; };
    export const put = async () => ({ jobId: await queues.get("work").push({ steps: 2 }) });`,
  "lib/journal.ts": journalSource,
};
