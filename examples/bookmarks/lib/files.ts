import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const root = process.env.BOOKMARKS_FOLDER ?? join(".queue-run", "bookmarks");

/** An id is a UUID of ours; anything else, such as "../..", names nothing. */
export const isId = (id: string) => /^[0-9a-f-]{36}$/.test(id);

export function listFolders(): Promise<string[]> {
  return readdir(root).catch(() => []);
}

export async function read<T>(folder: string, file: string): Promise<T | null> {
  try {
    return JSON.parse(await readFile(join(root, folder, file), "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

/** Writes beside the file and renames, so that a reader sees the old or the new content, never half of it. */
export async function write(folder: string, file: string, content: unknown) {
  await mkdir(join(root, folder), { recursive: true });
  const temporary = join(root, folder, `.${file}.${randomUUID()}`);
  await writeFile(temporary, JSON.stringify(content));
  await rename(temporary, join(root, folder, file));
}

export async function remove(folder: string, file: string) {
  await rm(join(root, folder, file), { force: true });
}
