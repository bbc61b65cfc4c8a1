import { existsSync, lstatSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, parse, relative, sep } from "node:path";
import type { NodeFileTraceOptions } from "@vercel/nft";
import type { InstalledPackage } from "./place-packages.js";

/** A package and those of its files that are needed. */
export type TracedPackage = InstalledPackage & {
  /** Absolute, without symbolic links. */
  folder: string;
  dependencies: Map<string, string>;
  /** Paths in the folder. */
  files: Set<string>;
};

/** Traces the files that modules need at run time, over one build: what is read once is remembered. */
export type PackageTracer = (modules: readonly string[]) => Promise<Map<string, TracedPackage>>;

/** @param root - the project's folder: its own files, and those around it, are in no package */
export function createPackageTracer(root: string): PackageTracer {
  const cache: NodeFileTraceOptions["cache"] = {};
  const base = parse(root).root;
  return async (modules) => {
    const { nodeFileTrace } = await import("@vercel/nft");
    const { fileList, reasons } = await nodeFileTrace([...modules], {
      base,
      cache,
      mixedModules: true,
      // Files that a package looks for where the process was started are not the package's: .env, for one.
      processCwd: join(tmpdir(), "queue-run-nowhere"),
      conditions: ["node", "node-addons"],
      moduleSyncCatchall: true,
    });
    const packages = new Map<string, TracedPackage>();
    const packageAt = (path: string) => {
      const folder = packageFolderOf(path, root);
      return folder === null ? null : addPackage(packages, folder);
    };
    for (const file of fileList) {
      const path = join(base, file);
      const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
      const found = packageAt(isLink ? join(realpathSync(path), "package.json") : path);
      if (!found) continue;
      if (!isLink) found.files.add(relative(found.folder, path));
      // Under a link's own name another package is imported by an alias.
      const name = isLink ? (nameIn(path) ?? found.name) : found.name;
      for (const parent of reasons.get(file)?.parents ?? []) {
        const from = packageAt(join(base, parent));
        if (from && from !== found) from.dependencies.set(name, found.folder);
      }
    }
    return packages;
  };
}

/** Adds a package to those that are there, with its package.json alone; some generate code into a folder without one. */
export function addPackage(packages: Map<string, TracedPackage>, folder: string): TracedPackage {
  let found = packages.get(folder);
  if (!found) {
    const name = nameIn(folder) ?? readPackageJson(folder).name ?? "";
    const isPackage = existsSync(join(folder, "package.json"));
    found = { folder, name, dependencies: new Map(), files: new Set(isPackage ? ["package.json"] : []) };
    packages.set(folder, found);
  }
  return found;
}

/** @returns all files of a package but those of packages inside of it; paths in the folder */
export function allFilesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((file) => !file.split(sep).includes("node_modules"));
}

/** What is read of a package's package.json. */
export type PackageJson = {
  name?: string;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
};

/** @returns nothing of a folder that has none */
export function readPackageJson(folder: string): PackageJson {
  const file = join(folder, "package.json");
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
}

/** @returns the folder of the package that a file belongs to; null for the project's own files, and those around it */
export function packageFolderOf(path: string, root: string): string | null {
  const name = nameIn(path);
  if (name !== null) {
    const at = path.lastIndexOf(`${sep}node_modules${sep}`);
    return path.slice(0, at + `${sep}node_modules${sep}`.length + name.length);
  }
  for (let folder = dirname(path); dirname(folder) !== folder; folder = dirname(folder)) {
    if (root === folder || root.startsWith(folder + sep)) return null;
    if (lstatSync(join(folder, "package.json"), { throwIfNoEntry: false })) return folder;
  }
  return null;
}

/** @returns what follows the last node_modules of a path: "sharp", "@img/sharp-linux-x64" */
function nameIn(path: string): string | null {
  const parts = path.split(sep);
  const at = parts.lastIndexOf("node_modules");
  const first = parts[at + 1];
  if (at === -1 || first === undefined) return null;
  return first.startsWith("@") ? join(first, parts[at + 2] ?? "") : first;
}
