import type { DevModules } from "../build/dev-modules.js";
import { ProjectProblemsError } from "../errors/project-errors.js";
import type { Problem } from "../project/manifest.js";

/** The code that workers load: always the newest that could be built. */
export type ProjectCode = {
  /** Makes ready what builds it, ahead of the first file that is asked for. */
  load(): Promise<void>;
  /**
   * The URL of a file's module.
   *
   * @throws ProjectProblemsError when it cannot be built, and never could
   */
  moduleUrl(file: string): Promise<string>;
  /** Files changed: forgets what was made of them. */
  invalidate(files: readonly string[]): void;
  /** The files asked for so far, as they were asked for, that are or reach one of these (absolute). */
  filesReaching(changed: ReadonlySet<string>): string[];
  /** Builds a file again. Returns what is wrong with it. */
  rebuild(file: string): Promise<Problem[]>;
  /** Every file that was reached so far, absolute. */
  reached(): Set<string>;
};

/**
 * @param start - makes what builds the code; called once, when it is first needed
 * @param onReach - told of files that a module reaches, each time it was built
 */
export function createProjectCode(
  start: () => Promise<DevModules>,
  onReach: (files: string[]) => void,
): ProjectCode {
  let starting: Promise<DevModules> | null = null;
  let modules: DevModules | null = null;
  const good = new Map<string, string>();
  const reaches = new Map<string, ReadonlySet<string>>();

  async function started(): Promise<DevModules> {
    starting ??= start();
    modules = await starting;
    return modules;
  }

  async function prepare(file: string): Promise<Problem[]> {
    const prepared = await (modules ?? (await started())).prepare(file);
    const before = reaches.get(file);
    if (before?.size !== prepared.reached.length || !prepared.reached.every((each) => before.has(each))) {
      // What failed to build may have lost imports that the last good code still has.
      reaches.set(file, new Set(prepared.ok ? prepared.reached : [...prepared.reached, ...(before ?? [])]));
      onReach(prepared.reached);
    }
    if (!prepared.ok) return prepared.problems;
    good.set(file, prepared.url);
    return [];
  }

  return {
    async load() {
      await started();
    },
    async moduleUrl(file) {
      const problems = await prepare(file);
      const url = good.get(file);
      if (url === undefined) throw new ProjectProblemsError(problems);
      return url;
    },
    invalidate: (files) => modules?.invalidate(files),
    filesReaching(changed) {
      const files: string[] = [];
      for (const [file, reached] of reaches)
        for (const each of reached)
          if (changed.has(each)) {
            files.push(file);
            break;
          }
      return files;
    },
    rebuild: prepare,
    reached: () => new Set([...reaches.values()].flatMap((reached) => [...reached])),
  };
}
