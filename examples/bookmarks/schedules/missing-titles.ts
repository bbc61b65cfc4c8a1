import { listBookmarks } from "#lib/store.js";
import { queue as fetchTitle } from "#queues/fetch-title.js";

/** In UTC. To run it now: npx queue-run dev schedule missing-titles */
export const schedule = "mondays at 4:00";

/** Asks again for the pages that could not be fetched: their jobs were given up. */
export default async function () {
  const untitled = (await listBookmarks()).filter(({ title }) => title === null);
  await fetchTitle.pushAll(untitled.map(({ id, url }) => ({ id, url })));
  console.log("Asking again for %d titles", untitled.length);
}
