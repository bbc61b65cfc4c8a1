import { setTimeout as sleep } from "node:timers/promises";
import { queues, socket } from "queue-run";
import { answerTo } from "#lib/answer-to.js";

export const queue = queues.self<{ question: string }>();

export default queue.handler(async ({ question }, { user, signal }) => {
  for (const percent of [33, 66]) {
    await socket.send({ notice: `bot is thinking (${percent}%)` });
    await sleep(300, null, { signal });
  }
  await socket.send({ from: "bot", to: user?.id, text: answerTo(question) });
});
