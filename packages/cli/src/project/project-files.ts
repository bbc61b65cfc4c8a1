import { sourceExtension } from "./source-language.js";

/** The files of a project by what they are. Paths are relative to the root, with forward slashes. */
export type ProjectFiles = {
  routes: string[];
  /** `_middleware` files by their folder: "api", "api/admin". */
  middleware: Map<string, string>;
  queues: string[];
  schedules: string[];
  socket: string | null;
  socketMiddleware: string | null;
  index: string | null;
  config: string | null;
  /** Files in a subfolder of queues/ or schedules/, which has no meaning. */
  misplaced: string[];
  /** Files that claim a place that only one may have: index.ts and index.js. */
  duplicates: { file: string; first: string }[];
  /** Whether any of api/, queues/, schedules/, socket/ is there. */
  hasFolders: boolean;
};

/** Folders that mean something. */
export const PROJECT_FOLDERS = ["api", "queues", "schedules", "socket"] as const;

/**
 * Sorts paths by what they are in a project.
 *
 * @param paths - every file in PROJECT_FOLDERS and the root's own, relative, with forward slashes
 * @param folders - which of PROJECT_FOLDERS are there
 */
export function sortProjectFiles(paths: readonly string[], folders: readonly string[]): ProjectFiles {
  const files: ProjectFiles = {
    routes: [],
    middleware: new Map(),
    queues: [],
    schedules: [],
    socket: null,
    socketMiddleware: null,
    index: null,
    config: null,
    misplaced: [],
    duplicates: [],
    hasFolders: folders.length > 0,
  };
  for (const path of [...paths].sort()) {
    const slash = path.lastIndexOf("/");
    const name = path.slice(slash + 1);
    const folder = slash === -1 ? "" : path.slice(0, slash);
    const top = folder.split("/")[0] ?? "";
    if (isIgnored(name)) continue;
    const stem = stemOf(name);
    if (top === "queues" || top === "schedules") {
      if (name.startsWith("_")) continue;
      if (folder !== top) files.misplaced.push(path);
      else if (stem !== null) files[top].push(path);
    } else if (stem === null) {
    } else if (top === "api") {
      if (stem === "_middleware")
        claim(files.middleware.get(folder) ?? null, path, () => files.middleware.set(folder, path));
      else if (!name.startsWith("_")) files.routes.push(path);
    } else if (folder === "socket") {
      if (stem === "index") claim(files.socket, path, () => (files.socket = path));
      if (stem === "_middleware") claim(files.socketMiddleware, path, () => (files.socketMiddleware = path));
    } else if (folder === "") {
      if (stem === "index") claim(files.index, path, () => (files.index = path));
      if (stem === "queue-run.config") claim(files.config, path, () => (files.config = path));
    }
  }
  return files;

  function claim(first: string | null, path: string, take: () => void): void {
    if (first === null) take();
    else files.duplicates.push({ file: path, first });
  }
}

/** The name of a source file without its extension: "update_profile.fifo"; null for any other file. */
export function stemOf(path: string): string | null {
  const extension = sourceExtension(path);
  return extension && path.slice(path.lastIndexOf("/") + 1, -extension.length);
}

function isIgnored(name: string): boolean {
  return name.startsWith(".") || /\.(?:test|spec)\./.test(name) || /\.d\.(?:[^.]+\.)?[cm]?ts$/.test(name);
}
