import { readdirSync } from "node:fs";
import type { ProjectConfig } from "@queue-run/runtime/config";
import { ProjectProblemsError } from "../errors/project-errors.js";
import { loadProjectConfig } from "./load-project-config.js";
import { readPackageName } from "./package-name.js";
import { sortProjectFiles } from "./project-files.js";

/**
 * A project's name and settings without its handlers, for what works on a stage that is deployed: it must not fail
 * because a file is being edited.
 *
 * @param root - absolute
 * @throws ProjectProblemsError when queue-run.config.ts cannot be used
 */
export async function readProjectConfig(
  root: string,
  { stage }: { stage: string },
): Promise<{ name: string; config: ProjectConfig }> {
  const { config: file } = sortProjectFiles(readdirSync(root), []);
  const { config, problems } = await loadProjectConfig(root, file, stage);
  if (problems.length > 0) throw new ProjectProblemsError(problems);
  return { name: config.name ?? readPackageName(root), config };
}
