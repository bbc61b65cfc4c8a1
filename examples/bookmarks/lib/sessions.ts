import { randomUUID } from "node:crypto";
import { isId, read, write } from "./files.js";

type Session = { user: string };

/** @returns what the browser keeps in its cookie: nobody can guess it */
export async function openSession(user: string): Promise<string> {
  const id = randomUUID();
  await write("sessions", `${id}.json`, { user } satisfies Session);
  return id;
}

/** Who the cookie belongs to: what `authenticate` returns, of requests and of the socket. Null: nobody has signed in. */
export async function userOf({ cookies }: { cookies: Record<string, string> }) {
  const id = cookies.session ?? "";
  const session = isId(id) ? await read<Session>("sessions", `${id}.json`) : null;
  return session && { id: session.user };
}
