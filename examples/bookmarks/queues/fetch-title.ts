import { queues, socket } from "queue-run";
import { saveTitle } from "#lib/store.js";

type Page = { id: string; url: string };

export const queue = queues.self<Page>();

/** Four attempts, about 1, 2 and 4 seconds apart. Then the job goes to the queue fetch-title-dlq. */
export const config = { timeout: "10s", retries: 3, backoff: "exponential", backoffDelay: "1s" } as const;

/** Returning means done, throwing means try again. `signal` stops the download when the job's time is up. */
export default queue.handler(async ({ id, url }, { signal, user }) => {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(await response.text())?.[1]?.trim() || url;
  await saveTitle(id, { title });
  if (user) await socket.send({ url, title });
  console.log("%s is “%s”", url, title);
});
