import type { HttpRequest } from "queue-run";
import { findBookmark } from "#lib/store.js";

/** GET /bookmarks/ID: the bookmark, with its title and visits as far as the jobs have come. */
export async function get({ params }: HttpRequest<unknown, { id: string }>) {
  const bookmark = await findBookmark(params.id);
  if (!bookmark) throw Response.json({ error: "No such bookmark" }, { status: 404 });
  return bookmark;
}
