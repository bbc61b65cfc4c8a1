import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import { nativePartsMissing } from "../../errors/package-errors.js";
import type { Problem } from "../../project/manifest.js";
import { isPlatformPackage } from "../native-packages.js";
import { type Machine, machineOf, machineText, runsOn } from "./native-binary.js";
import {
  addPackage,
  allFilesOf,
  type PackageJson,
  readPackageJson,
  type TracedPackage,
} from "./trace-packages.js";

/**
 * Puts the native parts for the target in the place of those for this machine, which is all that tracing sees: of
 * packages that come as one package for each platform, and of those that carry all their prebuilt binaries.
 *
 * @param packages - as traced; changed in place
 * @returns a problem for each package that has none for the target
 */
export function retarget(packages: Map<string, TracedPackage>, target: Machine): Problem[] {
  const problems: Problem[] = [];
  for (const each of [...packages.values()]) {
    const json = readPackageJson(each.folder);
    if (!isFor(json, target)) {
      packages.delete(each.folder);
      for (const other of packages.values()) other.dependencies.delete(each.name);
      continue;
    }
    const problem = takePlatformPackages(packages, each, json, target) ?? takePrebuilds(each, target);
    if (problem) problems.push(problem);
  }
  return problems;
}

/**
 * Looks into binaries, whatever their names say: they may have been built on this machine.
 *
 * @param name - whose they are: "node_modules/better-sqlite3"
 * @param paths - absolute
 * @returns null where there are none, or one at least runs on the target
 */
export function binariesProblem(name: string, paths: readonly string[], target: Machine): Problem | null {
  const machines = paths.flatMap((path) => {
    const machine = machineOf(readFileSync(path));
    return machine ? [machine] : [];
  });
  if (machines.length === 0 || machines.some((machine) => runsOn(machine, target))) return null;
  const found = [...new Set(machines.map(machineText))];
  return nativePartsMissing({ file: name, found, target: machineText(target), install: [] });
}

function takePlatformPackages(
  packages: Map<string, TracedPackage>,
  each: TracedPackage,
  { optionalDependencies = {} }: PackageJson,
  target: Machine,
): Problem | null {
  const names = Object.keys(optionalDependencies).filter(isPlatformPackage);
  if (names.length === 0) return null;
  const installed = names.flatMap((name) => {
    const folder = findInstalled(name, each.folder);
    return folder === null ? [] : [{ name, folder }];
  });
  const fitting = installed.filter(({ folder }) => isFor(readPackageJson(folder), target));
  for (const { name, folder } of fitting) {
    each.dependencies.set(name, folder);
    takeWhole(packages, folder, target);
  }
  const missing = names.filter(
    (name) => isNamedFor(name, target) && !fitting.some((found) => found.name === name),
  );
  if (missing.length === 0) return null;
  return nativePartsMissing({
    file: `node_modules/${each.name}`,
    found: installed.map(({ name }) => name),
    target: machineText(target),
    install: missing.map((name) => `${name}@${optionalDependencies[name]}`),
  });
}

/** A platform's package has no code that could be traced: all of it is needed, and what it depends on. */
function takeWhole(packages: Map<string, TracedPackage>, folder: string, target: Machine): void {
  const each = addPackage(packages, folder);
  for (const file of allFilesOf(folder)) each.files.add(file);
  const { dependencies = {}, optionalDependencies = {} } = readPackageJson(folder);
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    const needed = findInstalled(name, folder);
    if (needed === null || each.dependencies.get(name) === needed) continue;
    if (!isFor(readPackageJson(needed), target)) continue;
    each.dependencies.set(name, needed);
    takeWhole(packages, needed, target);
  }
}

/** node-gyp-build's layout: prebuilds/linux-arm64/NAME.node, NAME.glibc.node, NAME.musl.node. */
function takePrebuilds(each: TracedPackage, target: Machine): Problem | null {
  const folder = join(each.folder, "prebuilds");
  if (!existsSync(folder)) return null;
  const platforms = readdirSync(folder);
  const fitting = platforms.filter((platform) => {
    const [os = "", cpus = ""] = platform.split("-");
    return os === target.os && cpus.split("+").includes(target.cpu);
  });
  for (const file of each.files) if (file.startsWith(`prebuilds${sep}`)) each.files.delete(file);
  for (const platform of fitting) {
    for (const file of readdirSync(join(folder, platform))) {
      if (!file.includes(".musl.")) each.files.add(join("prebuilds", platform, file));
    }
  }
  if (fitting.length > 0 || [...each.files].some((file) => file.endsWith(".node"))) return null;
  return nativePartsMissing({
    file: `node_modules/${each.name}`,
    found: platforms,
    target: machineText(target),
    install: [],
  });
}

/** By package.json's os, cpu and libc, as npm reads them. */
function isFor({ os, cpu, libc }: PackageJson, target: Machine): boolean {
  return allows(os, target.os) && allows(cpu, target.cpu) && allows(libc, target.libc ?? "");
}

function allows(list: string[] | undefined, value: string): boolean {
  if (!Array.isArray(list) || list.length === 0) return true;
  if (list.includes(`!${value}`)) return false;
  return list.includes(value) || list.every((entry) => entry.startsWith("!"));
}

function isNamedFor(name: string, { os, cpu }: Machine): boolean {
  const cpus = cpu === "arm64" ? /arm64|aarch64/ : /x64|x86_64|amd64/;
  return name.includes(os) && cpus.test(name) && !name.includes("musl");
}

/** @returns the folder that a package finds another in, without symbolic links */
function findInstalled(name: string, from: string): string | null {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return realpathSync(candidate);
    if (dirname(folder) === folder) return null;
  }
}
