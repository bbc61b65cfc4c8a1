import type { ProjectConfig } from "@queue-run/runtime/config";
import type { Manifest, Problem } from "./manifest.js";
import { problem } from "./problem.js";
import type { ProjectFiles } from "./project-files.js";
import { defineQueues } from "./queue-files.js";
import { checkQueueHttp } from "./queue-http-routes.js";
import { defineRoutes } from "./route-files.js";
import { defineSchedules } from "./schedule-files.js";
import { defineSocket } from "./socket-files.js";
import type { SourceFacts } from "./source-facts.js";

/** All that is known of a project's files before they are understood. */
export type ProjectSources = {
  root: string;
  files: ProjectFiles;
  facts: ReadonlyMap<string, SourceFacts>;
  /** Of package.json, or the folder's. */
  packageName: string;
  config: ProjectConfig;
};

/** A manifest with what should be said about it, or everything that must be mended first. */
export type ProjectReading = { manifest: Manifest; warnings: Problem[] } | { problems: Problem[] };

/** Makes the manifest of a project, or finds all that is wrong with it. Pure. */
export function buildManifest({ root, files, facts, packageName, config }: ProjectSources): ProjectReading {
  const problems: Problem[] = [];
  if (!files.hasFolders) {
    problems.push(
      problem(
        "QR_NOTHING_TO_RUN",
        ".",
        null,
        `There is no api/, queues/, schedules/ or socket/ in ${root}.`,
        "Run npx queue-run init to make a project here, or name the project's folder with --cwd.",
      ),
    );
  }
  for (const file of files.misplaced) {
    const top = file.slice(0, file.indexOf("/"));
    problems.push(
      problem(
        "QR_MISPLACED_FILE",
        file,
        null,
        `Files in a subfolder of ${top}/ are not ${top}.`,
        `Move it directly into ${top}/, out of it (to lib/, say), or start its name with _.`,
      ),
    );
  }
  for (const { file, first } of files.duplicates) {
    problems.push(
      problem("QR_DUPLICATE_FILE", file, null, `${first} is here already.`, "Remove one of them."),
    );
  }
  for (const [file, { syntaxError }] of facts) {
    if (!syntaxError) continue;
    problems.push(
      problem(
        "QR_SYNTAX_ERROR",
        file,
        syntaxError.at,
        `${syntaxError.message}.`,
        "Mend the syntax of the file.",
      ),
    );
  }
  const queues = defineQueues(files.queues, facts, config.queues ?? null, problems);
  const routes = defineRoutes(files.routes, files.middleware, facts, problems);
  checkQueueHttp(routes, queues, facts, problems);
  const schedules = defineSchedules(files.schedules, facts, problems);
  const socket = defineSocket(files, facts, problems);
  if (problems.length > 0) return { problems: problems.sort(byPlace) };
  return {
    manifest: {
      root,
      name: config.name ?? packageName,
      settings: config,
      queues,
      routes,
      schedules,
      socket,
      index: files.index,
    },
    warnings: [],
  };
}

function byPlace(one: Problem, other: Problem): number {
  if (one.file !== other.file) return one.file < other.file ? -1 : 1;
  return (one.line ?? 0) - (other.line ?? 0);
}
