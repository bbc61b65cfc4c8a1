import type { SocketAuthenticateArgument, SocketUserEvent } from "queue-run";
import { queue as bot } from "#queues/bot.js";

export function authenticate({ query }: SocketAuthenticateArgument) {
  const name = String(query.name ?? "");
  if (!/^[\w-]{1,20}$/.test(name) || name === "bot") throw new Response(null, { status: 401 });
  return { id: name };
}

export async function onOnline({ user }: SocketUserEvent) {
  await bot.push({ question: `Hello, I am ${user.id}` });
}
