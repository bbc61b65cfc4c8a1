import type { HttpRequest } from "queue-run";
import { findBookmark, removeBookmark } from "#lib/store.js";

type Request = HttpRequest<unknown, { id: string }>;

/** GET /bookmarks/ID: the bookmark, with its title and visits as far as the jobs have come. */
export async function get({ params }: Request) {
  const bookmark = await findBookmark(params.id);
  if (!bookmark) throw Response.json({ error: "No such bookmark" }, { status: 404 });
  return bookmark;
}

/** DELETE /bookmarks/ID: for whoever added it. */
export async function del(request: Request) {
  const { owner } = await get(request);
  if (!request.user) throw Response.json({ error: "Sign in first" }, { status: 401 });
  if (owner !== request.user.id) throw Response.json({ error: "Not yours" }, { status: 403 });
  await removeBookmark(request.params.id);
}
