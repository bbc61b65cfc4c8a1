import type { Problem } from "./manifest.js";
import type { Position } from "./source-position.js";

/**
 * @param at - null when the problem is the file's name or place
 */
export function problem(
  code: Problem["code"],
  file: string,
  at: Position | null | undefined,
  message: string,
  fix: string,
): Problem {
  return { code, file, line: at?.line ?? null, column: at?.column ?? null, message, fix };
}
