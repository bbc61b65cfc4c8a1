import { checkDefaultHandler, type HandlerWording } from "./default-handler.js";
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
  checkDefaultHandler(file, known, HANDLER, problems);
  return { file, middleware, settings: readSocketSettings(settingOf(file, "config", known, problems)) };
}

const HANDLER: HandlerWording = {
  ofAnother: "Export the function that a message calls.",
  none: "The file has no default export, so no message can be handled.",
  fixOfNone: "Add export default async function ({ data, user }) { … }.",
};
