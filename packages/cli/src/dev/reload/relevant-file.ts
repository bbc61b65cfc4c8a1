import { basename } from "node:path";

const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx|json)$/;
const IGNORED_FOLDERS = new Set(["node_modules", ".git", ".queue-run", "dist", "coverage", "cdk.out"]);

/** Whether a folder of the project is watched. Folders that tools fill, and hidden ones, are not. */
export function isWatchedFolder(path: string): boolean {
  const name = basename(path);
  return !IGNORED_FOLDERS.has(name) && !(name.startsWith(".") && name.length > 1);
}

/** Whether a change of a file may mean something: sources and settings; data that handlers write is left alone. */
export function isWatchedFile(path: string): boolean {
  const name = basename(path);
  return name === ".env" || (SOURCE.test(name) && name !== "package-lock.json");
}
