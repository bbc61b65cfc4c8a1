import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, isAbsolute, join, relative, resolve, sep } from "node:path";
import { buildManifest, type ProjectReading } from "./build-manifest.js";
import { loadFacts, type StampedFacts, saveFacts, stampOf } from "./facts-store.js";
import { type LoadedConfig, loadProjectConfig } from "./load-project-config.js";
import type { Manifest, Problem } from "./manifest.js";
import { readPackageName } from "./package-name.js";
import { problem } from "./problem.js";
import { PROJECT_FOLDERS, type ProjectFiles, sortProjectFiles } from "./project-files.js";
import { RUNTIME_ONLY_ROUTE_SETTINGS } from "./route-settings.js";
import { isSameMeaning, readSourceFacts, type SourceFacts } from "./source-facts.js";

export type { Manifest, Problem, ProjectReading };

/** Reads a project again and again, as its files change. */
export type ProjectReader = {
  /** Reads everything that changed since the last time, by the files' times and sizes. */
  read: () => Promise<ProjectReading>;
  /**
   * Reads the files that are known to have changed, and nothing else.
   *
   * @param changed - absolute, or relative to the root; added and removed files too
   */
  update: (changed: readonly string[]) => Promise<ProjectReading>;
};

/** Reads a project once. */
export async function readProject(root: string, options: { stage: string }): Promise<ProjectReading> {
  return createProjectReader(root, options).read();
}

/**
 * @param root - the project's folder
 * @param options - the stage that queue-run.config.ts is asked for: "dev" in development
 */
export function createProjectReader(root: string, { stage }: { stage: string }): ProjectReader {
  const folder = withoutLinks(resolve(root));
  let stamped: Map<string, StampedFacts> | null = null;
  const facts = new Map<string, SourceFacts>();
  let files: ProjectFiles | null = null;
  let config: LoadedConfig | null = null;
  let packageName = basename(folder);
  let last: ProjectReading | null = null;

  return { read: () => readAll(null), update };

  async function update(changed: readonly string[]): Promise<ProjectReading> {
    const paths = changed.map((path) => toRelative(folder, path));
    if (!files || paths.some((path) => isStructural(path, files))) return readAll(paths);
    let isSame = last !== null && "manifest" in last;
    for (const path of paths) {
      const before = facts.get(path);
      if (!before) continue;
      refresh(path, true);
      const after = facts.get(path);
      isSame &&= after !== undefined && isSameMeaning(before, after);
    }
    if (last && isSame) return last;
    return understand(config ?? (await loadConfig(files)));
  }

  async function readAll(changed: string[] | null): Promise<ProjectReading> {
    if (!isFolder(folder)) {
      const fix = "Name the project's folder with --cwd, or make one with npx queue-run init.";
      return { problems: [problem("QR_NO_FOLDER", ".", null, `There is no folder ${folder}.`, fix)] };
    }
    const { paths, folders } = listFiles(folder);
    files = sortProjectFiles(paths, folders);
    packageName = readPackageName(folder);
    const wanted = sourcesOf(files);
    for (const path of facts.keys()) if (!wanted.has(path)) facts.delete(path);
    const read = [...wanted].filter((path) => refresh(path, changed?.includes(path) ?? false));
    if (stamped && read.length > 0) {
      for (const path of stamped.keys()) if (!wanted.has(path)) stamped.delete(path);
      void saveFacts(folder, stamped);
    }
    config = await loadConfig(files);
    return understand(config);
  }

  async function loadConfig(current: ProjectFiles): Promise<LoadedConfig> {
    return loadProjectConfig(folder, current.config, stage);
  }

  function understand(loaded: LoadedConfig): ProjectReading {
    if (!files) return { problems: loaded.problems };
    const reading = buildManifest({ root: folder, files, facts, packageName, config: loaded.config });
    last = loaded.problems.length === 0 ? reading : null;
    if (last) return last;
    return { problems: [...loaded.problems, ...("problems" in reading ? reading.problems : [])] };
  }

  /** Whether a change may mean more than new text of a file that is known. */
  function isStructural(path: string, current: ProjectFiles | null): boolean {
    if (facts.has(path)) return !isFile(join(folder, path));
    const inFolder = PROJECT_FOLDERS.some((name) => path === name || path.startsWith(`${name}/`));
    return inFolder || !path.includes("/") || path === current?.config || (config?.inputs.has(path) ?? false);
  }

  /** @returns whether the file had to be read */
  function refresh(path: string, mustRead: boolean): boolean {
    stamped ??= loadFacts(folder);
    const absolute = join(folder, path);
    try {
      const stamp = stampOf(statSync(absolute));
      const kept = stamped.get(path);
      if (kept?.stamp === stamp && !mustRead) {
        facts.set(path, kept.facts);
        return false;
      }
      const runtimeOnly = path.startsWith("api/") ? RUNTIME_ONLY_ROUTE_SETTINGS : NOTHING;
      const read = readSourceFacts(path, readFileSync(absolute, "utf8"), runtimeOnly);
      stamped.set(path, { stamp, facts: read });
      facts.set(path, read);
    } catch (error) {
      stamped.delete(path);
      facts.set(path, unreadable(error));
    }
    return true;
  }
}

/** A file that cannot be read is a problem of that file, not the end. */
function unreadable(error: unknown): SourceFacts {
  const message = error instanceof Error ? error.message : String(error);
  const syntaxError = { message, at: { line: 1, column: 1 } };
  return { commonJs: false, exports: [], starExports: [], settings: {}, syntaxError };
}

/** Imports lead to files as they are without symbolic links; so must the project's own. */
function withoutLinks(folder: string): string {
  return isFolder(folder) ? realpathSync(folder) : folder;
}

const NOTHING: ReadonlySet<string> = new Set();

/** The files whose facts the manifest needs. */
function sourcesOf(files: ProjectFiles): Set<string> {
  const optional = [files.socket, files.socketMiddleware, files.index].filter((file) => file !== null);
  return new Set([
    ...files.queues,
    ...files.routes,
    ...files.middleware.values(),
    ...files.schedules,
    ...optional,
  ]);
}

function listFiles(root: string): { paths: string[]; folders: string[] } {
  const paths: string[] = [];
  const folders: string[] = [];
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (entry.isDirectory() || (entry.isSymbolicLink() && isFolder(join(root, entry.name)))) {
      if (!PROJECT_FOLDERS.some((name) => name === entry.name)) continue;
      folders.push(entry.name);
      listInto(root, entry.name, paths);
    } else paths.push(entry.name);
  }
  return { paths, folders };
}

function listInto(root: string, folder: string, paths: string[]): void {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    const isDirectory = entry.isDirectory() || (entry.isSymbolicLink() && isFolder(join(root, path)));
    if (!isDirectory) paths.push(path);
    else if (entry.name !== "node_modules") listInto(root, path, paths);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function toRelative(root: string, path: string): string {
  const local = isAbsolute(path) ? relative(root, path) : path;
  return sep === "/" ? local : local.replaceAll(sep, "/");
}
