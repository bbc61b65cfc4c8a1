import type { Problem } from "./manifest.js";
import { problem } from "./problem.js";
import type { SourceFacts } from "./source-facts.js";

/** What is said of a file whose default export is to be a function. */
export type HandlerWording = {
  /** "Export the function that a run calls." */
  ofAnother: string;
  /** "The file has no default export, so nothing can run." */
  none: string;
  fixOfNone: string;
};

/**
 * Checks that a file's default export is a function, as far as can be told without running it.
 *
 * @param problems - what is wrong is added here
 */
export function checkDefaultHandler(
  file: string,
  { exports, starExports }: SourceFacts,
  { ofAnother, none, fixOfNone }: HandlerWording,
  problems: Problem[],
): void {
  const handler = exports.find(({ name }) => name === "default");
  if (handler?.kind === "value") {
    const message = "The default export is not a function.";
    problems.push(problem("QR_NOT_A_HANDLER", file, handler.at, message, ofAnother));
  } else if (!handler) {
    // `export *` passes no default on.
    problems.push(problem("QR_NO_HANDLER", file, starExports[0] ?? null, none, fixOfNone));
  }
}
