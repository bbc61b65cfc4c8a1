import type { HttpRequest } from "queue-run";
import { createBookmark, listBookmarks } from "#lib/store.js";
import { queue as fetchTitle } from "#queues/fetch-title.js";

/** GET /bookmarks */
export async function get() {
  return await listBookmarks();
}

/** POST /bookmarks with a JSON object or a form: stores the bookmark, answers, and leaves the slow part to a job. */
export async function post({ body, user }: HttpRequest<{ url?: string } | null>) {
  if (!body?.url || !URL.canParse(body.url))
    throw Response.json({ error: "url must be a URL" }, { status: 422 });
  const bookmark = await createBookmark(body.url, user?.id ?? null);
  await fetchTitle.push({ id: bookmark.id, url: bookmark.url });
  return Response.json(bookmark, { status: 201, headers: { location: `/bookmarks/${bookmark.id}` } });
}
