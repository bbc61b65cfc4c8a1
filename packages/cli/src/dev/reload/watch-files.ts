import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { dirname, join } from "node:path";
import { isWatchedFile, isWatchedFolder } from "./relevant-file.js";

export type FileWatcher = {
  /** Also watches these files, which may be outside of the project: what its code reaches. */
  add(files: Iterable<string>): void;
  close(): void;
};

/**
 * Watches a project's files, with one watch of the operating system for each folder, or one for the whole tree where
 * it has such: a change then costs a look at one file, however many there are beside it.
 *
 * @param root - absolute
 * @param onChange - told of each file that was added, changed or removed: its absolute path; more than once, perhaps
 * @param onError - told once when folders cannot be watched (a limit of the operating system, for instance)
 */
export function watchFiles(
  root: string,
  onChange: (file: string) => void,
  onError: (error: unknown) => void,
): FileWatcher {
  const wholeTree = process.platform === "darwin" || process.platform === "win32";
  const folders = new Map<string, FSWatcher>();
  /** Files that are reached, though nothing about their names says that they matter. */
  const reached = new Set<string>();
  let failed = false;

  function fail(error: unknown): void {
    if (!failed) onError(error);
    failed = true;
  }

  function watchFolder(folder: string, options: { recursive: boolean; all: boolean }): void {
    if (folders.has(folder)) return;
    try {
      const watcher = watch(folder, { recursive: options.recursive }, (_, name) => {
        if (name !== null) look(join(folder, name), options.all);
      });
      watcher.on("error", () => unwatch(folder));
      folders.set(folder, watcher);
    } catch (error) {
      fail(error);
    }
  }

  function unwatch(folder: string): void {
    folders.get(folder)?.close();
    folders.delete(folder);
  }

  function watchTree(folder: string, isNew: boolean): void {
    watchFolder(folder, { recursive: false, all: true });
    let entries: ReturnType<typeof readEntries>;
    try {
      entries = readEntries(folder);
    } catch {
      // Gone again.
      return;
    }
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (isWatchedFolder(path)) watchTree(path, isNew);
      } else if (isNew && isWatchedFile(path)) onChange(path);
    }
  }

  /** @param all - whether every source file in the folder matters, or only those that are reached */
  function look(path: string, all: boolean): void {
    if (reached.has(path)) {
      onChange(path);
      return;
    }
    if (!all || !isInWatchedFolder(path)) return;
    if (isWatchedFile(path)) onChange(path);
    else if (!wholeTree && isWatchedFolder(path)) {
      const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
      if (isFolder) watchTree(path, true);
      else unwatch(path);
    }
  }

  function isInWatchedFolder(path: string): boolean {
    for (let folder = dirname(path); folder.length > root.length; folder = dirname(folder))
      if (!isWatchedFolder(folder)) return false;
    return true;
  }

  if (wholeTree) watchFolder(root, { recursive: true, all: true });
  else watchTree(root, false);
  return {
    add(files) {
      for (const file of files) {
        if (reached.has(file)) continue;
        reached.add(file);
        const isInside = file.startsWith(root) && (wholeTree || folders.has(dirname(file)));
        if (!isInside) watchFolder(dirname(file), { recursive: false, all: false });
      }
    },
    close() {
      for (const watcher of folders.values()) watcher.close();
      folders.clear();
    },
  };
}

function readEntries(folder: string) {
  return readdirSync(folder, { withFileTypes: true });
}
