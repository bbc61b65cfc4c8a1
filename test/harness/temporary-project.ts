import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { repository } from "./repository.js";

/** A project in a folder of its own, outside of the repository, with `queue-run` in its node_modules. */
export type TemporaryProject = {
  /** Absolute, without symbolic links. */
  folder: string;
  path: (file: string) => string;
  write: (file: string, content: string) => void;
  read: (file: string) => string;
  remove: (file: string) => void;
  /** Deletes the folder. Called when the test ends, unless `keep` was asked for. */
  dispose: () => void;
};

export type ProjectOptions = {
  /** Delete it by `dispose` instead of at the end of the test: for projects that a whole file of tests shares. */
  keep?: boolean;
  /** More packages of the repository's node_modules to link: "zod", "hono". */
  packages?: string[];
};

/**
 * @param files - content by path; a package.json and a tsconfig.json are added where they are missing
 */
export function makeProject(files: Record<string, string>, options: ProjectOptions = {}): TemporaryProject {
  const project = emptyProject(options);
  const all = {
    "package.json": JSON.stringify({ name: "test-project", private: true, type: "module" }),
    "tsconfig.json": JSON.stringify({ extends: "queue-run/tsconfig.json" }),
    ...files,
  };
  for (const [file, content] of Object.entries(all)) project.write(file, content);
  return project;
}

/** @param source - a folder of the repository: "examples/bookmarks", "test/fixtures/…" */
export function copyProject(source: string, options: ProjectOptions = {}): TemporaryProject {
  const project = emptyProject(options);
  cpSync(join(repository, source), project.folder, {
    recursive: true,
    filter: (path) => !/[\\/](node_modules|\.queue-run|\.turbo)([\\/]|$)/.test(path.slice(repository.length)),
  });
  return project;
}

function emptyProject({ keep = false, packages = [] }: ProjectOptions): TemporaryProject {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "queue-run-test-")));
  for (const name of ["queue-run", ...packages]) link(folder, name);
  const path = (file: string) => join(folder, file);
  const dispose = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  if (!keep) onTestFinished(dispose);
  return {
    folder,
    path,
    write(file, content) {
      mkdirSync(dirname(path(file)), { recursive: true });
      writeFileSync(path(file), content);
    },
    read: (file) => readFileSync(path(file), "utf8"),
    remove: (file) => rmSync(path(file), { recursive: true }),
    dispose,
  };
}

function link(folder: string, name: string): void {
  const target = join(folder, "node_modules", name);
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(join(repository, "node_modules", name), target, "junction");
}
