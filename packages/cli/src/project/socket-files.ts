import type { Problem, SocketDefinition } from "./manifest.js";
import { problem } from "./problem.js";
import type { ProjectFiles } from "./project-files.js";
import { settingOf } from "./setting-source.js";
import { readSocketSettings } from "./socket-settings.js";
import type { SourceFacts } from "./source-facts.js";

/**
 * Makes the definition of the socket.
 *
 * @param problems - what is wrong is added here
 * @returns null where the project has none, or one that cannot be read
 */
export function defineSocket(
  { socket: file, socketMiddleware: middleware }: Pick<ProjectFiles, "socket" | "socketMiddleware">,
  facts: ReadonlyMap<string, SourceFacts>,
  problems: Problem[],
): SocketDefinition | null {
  if (file === null) {
    if (middleware !== null)
      problems.push(
        problem(
          "QR_NO_HANDLER",
          middleware,
          null,
          "There is a middleware, but no socket: socket/index.ts is missing.",
          "Add socket/index.ts with export default async function ({ data }) { … }, or remove the middleware.",
        ),
      );
    return null;
  }
  const known = facts.get(file);
  if (!known || known.syntaxError) return null;
  checkHandler(file, known, problems);
  return { file, middleware, settings: readSocketSettings(settingOf(file, "config", known, problems)) };
}

function checkHandler(file: string, { exports, starExports }: SourceFacts, problems: Problem[]): void {
  const handler = exports.find(({ name }) => name === "default");
  if (handler?.kind === "value") {
    problems.push(
      problem(
        "QR_NOT_A_HANDLER",
        file,
        handler.at,
        "The default export is not a function.",
        "Export the function that a message calls.",
      ),
    );
  } else if (!handler) {
    // `export *` passes no default on.
    problems.push(
      problem(
        "QR_NO_HANDLER",
        file,
        starExports[0] ?? null,
        "The file has no default export, so no message can be handled.",
        "Add export default async function ({ data, user }) { … }.",
      ),
    );
  }
}
