import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where everything goes that is made from a project, from the root. */
export const OUTPUT_FOLDER = ".queue-run";

/**
 * Makes .queue-run, which Git ignores as a whole.
 *
 * @returns its absolute path
 */
export function prepareOutputFolder(root: string): string {
  const folder = join(root, OUTPUT_FOLDER);
  mkdirSync(folder, { recursive: true });
  const ignore = join(folder, ".gitignore");
  if (readIfThere(ignore) === null) writeFileSync(ignore, "*\n");
  return folder;
}

/** @returns a file's text, or null when it cannot be read */
export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
