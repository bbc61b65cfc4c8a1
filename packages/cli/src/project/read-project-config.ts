import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { ProjectConfig } from "@queue-run/runtime/config";
import { ProjectProblemsError } from "../errors/project-errors.js";
import { loadProjectConfig } from "./load-project-config.js";
import { readPackageName } from "./package-name.js";
import { sortProjectFiles, stemOf } from "./project-files.js";

/** What is known of a project without its handlers. */
export type ProjectOutline = {
  name: string;
  config: ProjectConfig;
  /** By its files' names: "emails.fifo". */
  queueNames: string[];
};

/**
 * A project's name, settings and queues' names without its handlers, for what works on a stage that is deployed: it
 * must not fail because a file is being edited.
 *
 * @param root - absolute
 * @throws ProjectProblemsError when queue-run.config.ts cannot be used
 */
export async function readProjectConfig(root: string, { stage }: { stage: string }): Promise<ProjectOutline> {
  const folder = join(root, "queues");
  const inQueues = existsSync(folder) ? readdirSync(folder).map((file) => `queues/${file}`) : [];
  const files = sortProjectFiles([...readdirSync(root), ...inQueues], []);
  const { config, problems } = await loadProjectConfig(root, files.config, stage);
  if (problems.length > 0) throw new ProjectProblemsError(problems);
  return {
    name: config.name ?? readPackageName(root),
    config,
    queueNames: files.queues.flatMap((file) => stemOf(file) ?? []),
  };
}
