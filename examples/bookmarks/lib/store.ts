import { randomUUID } from "node:crypto";
import { isId, listFolders, read, remove, write } from "./files.js";

/**
 * Where bookmarks are kept. Routes and queues run in separate functions on AWS, and in separate workers in
 * development, so a variable in memory is not shared: they meet in a database, or here, to keep the example small,
 * in files.
 *
 * Each bookmark is a folder of three files, and each file has one writer: `bookmark.json` the API, `title.json` the
 * queue `fetch-title`, `visits.json` the FIFO queue `update-counts.fifo`. So no two can overwrite each other's work.
 */
export type Bookmark = { id: string; url: string; owner: string | null; createdAt: string };
export type Title = { title: string };
export type Visits = { count: number; lastFrom: string; lastSequenceNumber: string };

/** @param owner - a user's id; null: nobody's */
export async function createBookmark(
  url: string,
  owner: string | null,
  id: string = randomUUID(),
): Promise<Bookmark> {
  const bookmark = { id, url, owner, createdAt: new Date().toISOString() };
  await write(id, "bookmark.json", bookmark);
  return bookmark;
}

export async function listBookmarks() {
  const bookmarks = await Promise.all((await listFolders()).map(findBookmark));
  return bookmarks
    .filter((bookmark) => bookmark !== null)
    .sort((a, b) => a.createdAt.localeCompare(b.createdAt));
}

export async function findBookmark(id: string) {
  if (!isId(id)) return null;
  const bookmark = await read<Bookmark>(id, "bookmark.json");
  if (!bookmark) return null;
  const title = await read<Title>(id, "title.json");
  const visits = await findVisits(id);
  return { ...bookmark, title: title?.title ?? null, visits: visits.count, lastFrom: visits.lastFrom };
}

/** The API's file alone: what jobs may still write beside it belongs to no bookmark then. */
export async function removeBookmark(id: string) {
  await remove(id, "bookmark.json");
}

export async function saveTitle(id: string, title: Title) {
  await write(id, "title.json", title);
}

export async function findVisits(id: string): Promise<Visits> {
  const visits = isId(id) ? await read<Visits>(id, "visits.json") : null;
  return visits ?? { count: 0, lastFrom: "", lastSequenceNumber: "" };
}

export async function saveVisits(id: string, visits: Visits) {
  await write(id, "visits.json", visits);
}
