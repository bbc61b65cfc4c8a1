import { type SocketEvent, socket } from "queue-run";
import { queue as bot } from "#queues/bot.js";

type Message = { to: string; text: string };

export default async function ({ data, user }: SocketEvent<Message>) {
  if (!user) throw new Response(null, { status: 401 });
  const { to, text } = data;
  if (typeof to !== "string" || typeof text !== "string" || text === "") return { notice: "Say something" };

  const message = { from: user.id, to, text };
  await socket.to(user.id).send(message);
  if (to === "bot") await bot.push({ question: text });
  else if (to !== user.id && (await socket.to(to).send(message)) === 0)
    return { notice: `${to} is not here` };
}
