import { basename, relative } from "node:path";
import type { Manifest, Problem, ProjectReader } from "../../project/read-project.js";
import type { Reporter } from "../../terminal/reporter.js";
import type { Environment } from "../environment.js";
import type { ProjectCode } from "../project-code.js";
import type { FunctionId } from "../runner/runner.js";
import type { ServedProject } from "../served-project.js";

export type ReloadPorts = {
  root: string;
  reader: ProjectReader;
  code: ProjectCode;
  project: ServedProject;
  reporter: Reporter;
  /** `.env`, or settings that shape the environment, may have changed. Returns whether they have. */
  refreshEnvironment: (manifest: Manifest) => boolean;
  environment: Environment;
  /** Milliseconds, for durations. */
  now: () => number;
};

/** Changes of these shape how every file is built. */
const BUILD_SETTINGS = /^(?:package|[tj]sconfig(?:\..*)?)\.json$/;

/**
 * Makes a function that takes up changed files: what they reach gets new instances, and what they add to or take from
 * the project is served or no longer served. When something is wrong, it is told, and everything stays as it was.
 */
export function createReload(ports: ReloadPorts): (files: string[]) => Promise<void> {
  const { root, reader, code, project, reporter } = ports;
  /** Changed files that could not be taken up: they are looked at again with the next change. */
  let pending = new Set<string>();

  return async function reload(files: string[]): Promise<void> {
    const startedAt = ports.now();
    const changed = new Set([...pending, ...files]);
    code.invalidate([...changed]);
    const reading = await reader.update([...changed]);
    if ("problems" in reading) return hold(changed, reading.problems);

    const { manifest } = reading;
    const allRenewed = files.some((file) => BUILD_SETTINGS.test(basename(file)));
    const reaching = new Set(code.filesReaching(changed));
    const renewed = new Map<FunctionId, string[]>();
    const rebuilt: string[] = [];
    const indexReached = manifest.index !== null && reaching.has(manifest.index);
    for (const queue of manifest.queues)
      if (allRenewed || indexReached || reaching.has(queue.file)) {
        renewed.set(`queue:${queue.name}`, [queue.file]);
        if (reaching.has(queue.file)) rebuilt.push(queue.file);
      }
    const apiFiles = manifest.routes.flatMap(({ file, middleware }) => [file, ...middleware]);
    const apiFile = apiFiles.find((file) => reaching.has(file));
    if (allRenewed || indexReached || apiFile !== undefined) {
      renewed.set("api", apiFile === undefined ? [] : [apiFile]);
      // What changed is built here with the first file that reaches it; the others are when they are asked for.
      if (apiFile !== undefined) rebuilt.push(apiFile);
    }
    if (indexReached && manifest.index !== null) rebuilt.push(manifest.index);

    const problems = uniqueProblems((await Promise.all(rebuilt.map((file) => code.rebuild(file)))).flat());
    if (problems.length > 0) return hold(changed, problems);
    pending = new Set();
    const changedProject = await project.apply(manifest, renewed);
    const changedEnvironment = ports.refreshEnvironment(manifest);
    if (changedEnvironment) ports.environment.warn(manifest, reporter);
    if (!changedProject && !changedEnvironment) return;
    reporter.reloaded(
      files.map((file) => relative(root, file)),
      ports.now() - startedAt,
    );
  };

  function hold(changed: Set<string>, problems: Problem[]): void {
    pending = changed;
    reporter.problems(problems);
  }
}

function uniqueProblems(problems: Problem[]): Problem[] {
  const seen = new Map(
    problems.map((problem) => [`${problem.file}:${problem.line}:${problem.message}`, problem]),
  );
  return [...seen.values()];
}
