import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/**
 * Where bookmarks are kept. Routes and queues run in separate functions on AWS, and in separate workers in
 * development, so a variable in memory is not shared: they meet in a database, or here, to keep the example small,
 * in files.
 *
 * Each bookmark is a folder of three files, and each file has one writer: `bookmark.json` the API, `title.json` the
 * queue `fetch-title`, `visits.json` the FIFO queue `update-counts.fifo`. So no two can overwrite each other's work.
 */
const folder = process.env.BOOKMARKS_FOLDER ?? join(".queue-run", "bookmarks");

export type Bookmark = { id: string; url: string; createdAt: string };
export type Title = { title: string };
export type Visits = { count: number; lastFrom: string; lastSequenceNumber: string };

/** A bookmark's id is a UUID of ours; anything else, such as "../..", names no bookmark. */
const isId = (id: string) => /^[0-9a-f-]{36}$/.test(id);

export async function createBookmark(url: string, id: string = randomUUID()): Promise<Bookmark> {
  const bookmark = { id, url, createdAt: new Date().toISOString() };
  await write(id, "bookmark.json", bookmark);
  return bookmark;
}

export async function listBookmarks() {
  const ids = await readdir(folder).catch(() => []);
  const bookmarks = await Promise.all(ids.map(findBookmark));
  return bookmarks
    .filter((bookmark) => bookmark !== null)
    .sort((a, b) => a.createdAt.localeCompare(b.createdAt));
}

export async function findBookmark(id: string) {
  const bookmark = await read<Bookmark>(id, "bookmark.json");
  if (!bookmark) return null;
  const title = await read<Title>(id, "title.json");
  const visits = await findVisits(id);
  return { ...bookmark, title: title?.title ?? null, visits: visits.count, lastFrom: visits.lastFrom };
}

export async function saveTitle(id: string, title: Title) {
  await write(id, "title.json", title);
}

export async function findVisits(id: string): Promise<Visits> {
  return (await read<Visits>(id, "visits.json")) ?? { count: 0, lastFrom: "", lastSequenceNumber: "" };
}

export async function saveVisits(id: string, visits: Visits) {
  await write(id, "visits.json", visits);
}

async function read<T>(id: string, file: string): Promise<T | null> {
  if (!isId(id)) return null;
  try {
    return JSON.parse(await readFile(join(folder, id, file), "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Writes beside the file and renames, so that a reader sees the old or the new content, never half of it. */
async function write(id: string, file: string, content: unknown) {
  await mkdir(join(folder, id), { recursive: true });
  const temporary = join(folder, id, `.${file}.${randomUUID()}`);
  await writeFile(temporary, JSON.stringify(content));
  await rename(temporary, join(folder, id, file));
}
