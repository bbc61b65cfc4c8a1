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
  /** What a file (absolute path) says now; null when it is not there. */
  textOf: (file: string) => string | null;
  /** Milliseconds, for durations. */
  now: () => number;
};

/** Changes of these shape how every file is built. */
const BUILD_SETTINGS = /^(?:package|[tj]sconfig(?:\..*)?)\.json$/;

/** A save is often told of twice or more; for so long, the same text again is the same save. */
const SAME_SAVE_MS = 100;
/** How often a file that is written while it is built is built again, before it is taken as it is. */
const MOST_TRIES = 10;

/** What changed files come to: nothing is served yet. */
type Built = { manifest: Manifest; renewed: Map<FunctionId, string[]> } | { problems: Problem[] };

/**
 * Makes a function that takes up changed files: what they reach gets new instances, and what they add to or take from
 * the project is served or no longer served. When something is wrong, it is told, and everything stays as it was.
 */
export function createReload(ports: ReloadPorts): (files: string[]) => Promise<void> {
  const { root, reader, code, project, reporter, textOf, now } = ports;
  /** Changed files that could not be taken up: they are looked at again with the next change. */
  let pending = new Set<string>();
  /** What was taken up a moment ago. */
  let texts = new Map<string, string | null>();
  let textsAtMs = Number.NEGATIVE_INFINITY;

  return async function reload(files: string[]): Promise<void> {
    const startedAt = now();
    if (startedAt - textsAtMs > SAME_SAVE_MS) texts = new Map();
    const changed = new Set(files.filter((file) => !texts.has(file) || texts.get(file) !== textOf(file)));
    if (changed.size === 0) return;
    const built = await buildWhole(changed, new Set([...pending, ...changed]));
    textsAtMs = now();
    if ("problems" in built) {
      for (const file of changed) pending.add(file);
      reporter.problems(uniqueProblems(built.problems));
      return;
    }
    pending = new Set();
    const changedProject = await project.apply(built.manifest, built.renewed);
    const changedEnvironment = ports.refreshEnvironment(built.manifest);
    if (changedEnvironment) ports.environment.warn(built.manifest, reporter);
    if (!changedProject && !changedEnvironment) return;
    reporter.reloaded(
      [...changed].map((file) => relative(root, file)),
      now() - startedAt,
    );
  };

  /** Builds what changed as often as it takes to have read nothing that was still being written. */
  async function buildWhole(changed: ReadonlySet<string>, all: ReadonlySet<string>): Promise<Built> {
    for (let tries = 1; ; tries++) {
      for (const file of changed) texts.set(file, textOf(file));
      const built = await build(changed, all);
      const isWhole = [...changed].every((file) => texts.get(file) === textOf(file));
      if (isWhole || tries === MOST_TRIES) return built;
    }
  }

  async function build(changed: ReadonlySet<string>, all: ReadonlySet<string>): Promise<Built> {
    code.invalidate([...all]);
    const reading = await reader.update([...all]);
    if ("problems" in reading) return reading;

    const { manifest } = reading;
    const allRenewed = [...changed].some((file) => BUILD_SETTINGS.test(basename(file)));
    const reaching = new Set(code.filesReaching(all));
    const renewed = new Map<FunctionId, string[]>();
    const rebuilt: string[] = [];
    const indexReached = manifest.index !== null && reaching.has(manifest.index);
    for (const queue of manifest.queues)
      if (allRenewed || indexReached || reaching.has(queue.file)) {
        renewed.set(`queue:${queue.name}`, [queue.file]);
        if (reaching.has(queue.file)) rebuilt.push(queue.file);
      }
    for (const { name, file } of manifest.schedules)
      if (allRenewed || indexReached || reaching.has(file)) {
        renewed.set(`schedule:${name}`, [file]);
        if (reaching.has(file)) rebuilt.push(file);
      }
    const { socket } = manifest;
    if (socket !== null) {
      const files = socket.middleware === null ? [socket.file] : [socket.file, socket.middleware];
      const changedFiles = files.filter((file) => reaching.has(file));
      if (allRenewed || indexReached || changedFiles.length > 0) {
        renewed.set("socket", files);
        rebuilt.push(...changedFiles);
      }
    }
    const apiFiles = manifest.routes.flatMap(({ file, middleware }) => [file, ...middleware]);
    const apiFile = apiFiles.find((file) => reaching.has(file));
    if (allRenewed || indexReached || apiFile !== undefined) {
      renewed.set("api", apiFile === undefined ? [] : [apiFile]);
      // What changed is built here with the first file that reaches it; the others are when they are asked for.
      if (apiFile !== undefined) rebuilt.push(apiFile);
    }
    if (indexReached && manifest.index !== null) rebuilt.push(manifest.index);

    const problems = (await Promise.all(rebuilt.map((file) => code.rebuild(file)))).flat();
    return problems.length > 0 ? { problems } : { manifest, renewed };
  }
}

function uniqueProblems(problems: Problem[]): Problem[] {
  const seen = new Map(
    problems.map((problem) => [`${problem.file}:${problem.line}:${problem.message}`, problem]),
  );
  return [...seen.values()];
}
