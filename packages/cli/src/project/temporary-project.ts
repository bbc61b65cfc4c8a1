import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** For tests: a project in a folder of its own. */
export type TemporaryProject = {
  /** Absolute, without symbolic links. */
  root: string;
  path: (file: string) => string;
  write: (file: string, text: string) => void;
  remove: (file: string) => void;
  dispose: () => void;
};

/**
 * For tests: writes a project's files. A package.json is added where it is missing.
 *
 * @param files - text by path
 */
export function temporaryProject(files: Record<string, string>): TemporaryProject {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "queue-run-project-")));
  const path = (file: string) => join(root, file);
  const write = (file: string, text: string) => {
    mkdirSync(dirname(path(file)), { recursive: true });
    writeFileSync(path(file), text);
  };
  const all = { "package.json": JSON.stringify({ name: "test-project", type: "module" }), ...files };
  for (const [file, text] of Object.entries(all)) write(file, text);
  return {
    root,
    path,
    write,
    remove: (file) => rmSync(path(file), { recursive: true }),
    dispose: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),
  };
}
