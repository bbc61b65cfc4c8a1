import type { PortableError } from "./protocol.js";

/** How deep causes are followed: enough to explain. */
const MAX_CAUSES = 5;
/** How many errors of an AggregateError are shown. */
const MAX_ERRORS = 10;

/**
 * Puts anything that was thrown into a form that can be posted to another thread.
 *
 * @param thrown - an error, or whatever else was thrown
 * @param effects - the errors that it is the cause of, directly or not: a chain that loops ends there
 */
export function toPortableError(thrown: unknown, effects: unknown[] = []): PortableError {
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
  const cause: unknown = "cause" in thrown ? thrown.cause : null;
  const chain = [...effects, thrown];
  const isToldAlready = (cause ?? null) === null || chain.includes(cause) || chain.length > MAX_CAUSES;
  const errors = chain.length > MAX_CAUSES ? null : listOfErrors(thrown);
  return {
    name: text("name") ?? "Error",
    message: text("message") ?? describe(thrown),
    stack: text("stack"),
    code: text("code"),
    fix: text("fix"),
    cause: isToldAlready ? null : toPortableError(cause, chain),
    ...(errors && { errors: errors.map((error) => toPortableError(error, chain)) }),
  };
}

/** Those of an AggregateError. */
function listOfErrors(thrown: object): unknown[] | null {
  const errors: unknown = thrown instanceof AggregateError ? thrown.errors : null;
  return Array.isArray(errors) ? errors.slice(0, MAX_ERRORS) : null;
}

function describe(thrown: object): string {
  try {
    return JSON.stringify(thrown) ?? String(thrown);
  } catch {
    return Object.prototype.toString.call(thrown);
  }
}
