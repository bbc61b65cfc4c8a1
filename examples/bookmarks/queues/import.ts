import { queues, socket } from "queue-run";
import { createBookmark } from "#lib/store.js";
import { queue as fetchTitle } from "./fetch-title.js";

type Import = { url: string } | string;

export const queue = queues.self<Import>();

/**
 * Text is a URL on each line. A job may run twice, so a bookmark's id is made from the job's: no duplicates. Whoever is
 * signed in sees how far it is: a job belongs to the user whose request has pushed it.
 */
export default queue.handler(async (payload, { jobId, user }) => {
  const urls = typeof payload === "string" ? payload.split("\n") : [payload.url];
  const wanted = urls.map((url) => url.trim()).filter((url) => url !== "");
  for (const [index, url] of wanted.entries()) {
    const id = jobId.slice(0, 32) + String(index).padStart(4, "0");
    await createBookmark(url, user?.id ?? null, id);
    await fetchTitle.push({ id, url });
    if (user) await socket.send({ done: index + 1, total: wanted.length });
  }
});
