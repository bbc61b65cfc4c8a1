import { statSync } from "node:fs";
import { join } from "node:path";
import type { FSWatcher } from "chokidar";
import { isWatchedFile, isWatchedFolder } from "./relevant-file.js";

export type FileWatcher = {
  /** Also watches these files, which may be outside of the project: what its code reaches. */
  add(files: Iterable<string>): void;
  close(): Promise<void>;
};

/**
 * Watches a project's files.
 *
 * @param root - absolute
 * @param options.onChange - told of each file that was added, changed or removed: its absolute path
 * @param options.changedSinceMs - files that changed after this time, before watching began, are told of too
 */
export async function watchFiles(
  root: string,
  { onChange, changedSinceMs }: { onChange: (file: string) => void; changedSinceMs: number },
): Promise<FileWatcher> {
  const { watch } = await import("chokidar");
  const reached = new Set<string>();
  const watcher: FSWatcher = watch(root, {
    ignoreInitial: true,
    ignored: (path, stats) => {
      if (path === root || reached.has(path)) return false;
      if (!stats) return !isWatchedFolder(path);
      return stats.isDirectory() ? !isWatchedFolder(path) : !isWatchedFile(path);
    },
  });
  watcher.on("all", (event, path) => {
    if (event !== "addDir" && event !== "unlinkDir") onChange(path);
  });
  watcher.on("ready", () => {
    for (const [folder, names] of Object.entries(watcher.getWatched()))
      for (const name of names) {
        const file = join(folder, name);
        if (isWatchedFile(file) && wasChangedSince(file, changedSinceMs)) onChange(file);
      }
  });
  watcher.on("error", () => {
    // A folder that vanished while it was being watched: its parent tells of it.
  });
  return {
    add(files) {
      const outside = [...files].filter((file) => {
        const isNew = !reached.has(file);
        reached.add(file);
        return isNew && (!file.startsWith(root) || !isWatchedFile(file) || file.includes("node_modules"));
      });
      if (outside.length > 0) watcher.add(outside);
    },
    close: () => watcher.close(),
  };
}

function wasChangedSince(file: string, sinceMs: number): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats !== undefined && Math.max(stats.mtimeMs, stats.ctimeMs) >= sinceMs;
}
