import type { PortableError } from "./protocol.js";

/** How deep causes are followed: enough to explain, bounded for chains that loop. */
const MAX_CAUSES = 5;

/**
 * Puts anything that was thrown into a form that can be posted to another thread.
 *
 * @param thrown - an error, or whatever else was thrown
 */
export function toPortableError(thrown: unknown, depth = 0): PortableError {
  if (typeof thrown !== "object" || thrown === null)
    return { name: "Error", message: String(thrown), stack: null, code: null, fix: null, cause: null };
  const text = (key: string): string | null => {
    try {
      const value: unknown = Reflect.get(thrown, key);
      return typeof value === "string" ? value : null;
    } catch {
      return null;
    }
  };
  const cause: unknown = "cause" in thrown ? thrown.cause : undefined;
  return {
    name: text("name") ?? "Error",
    message: text("message") ?? describe(thrown),
    stack: text("stack"),
    code: text("code"),
    fix: text("fix"),
    cause:
      cause === undefined || cause === null || depth >= MAX_CAUSES ? null : toPortableError(cause, depth + 1),
  };
}

function describe(thrown: object): string {
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return Object.prototype.toString.call(thrown);
  }
}
