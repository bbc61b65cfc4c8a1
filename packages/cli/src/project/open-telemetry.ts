import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** What spans are made with. */
const API = "@opentelemetry/api";

/**
 * Finds the project's OpenTelemetry: its package.json names a package of `@opentelemetry/…`, and the API is installed.
 * A copy that only some dependency brought is not the project's, and costs its functions nothing.
 *
 * @param root - the project's folder
 * @returns absolute path of the API as the project's code imports it; null: the project has none
 */
export function findOpenTelemetry(root: string): string | null {
  const file = join(root, "package.json");
  try {
    const manifest = JSON.parse(readFileSync(file, "utf8")) as Record<string, object | undefined>;
    const lists = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];
    const names = lists.flatMap((list) => Object.keys(manifest[list] ?? {}));
    return names.some((name) => name.startsWith("@opentelemetry/")) ? createRequire(file).resolve(API) : null;
  } catch {
    return null;
  }
}
