/**
 * Which packages of others a build has taken parts of, and their licences, which want to go along with them.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** The folder of the innermost package in node_modules that a file is in. */
const PACKAGE_FOLDER = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/;
/** One folder has a file for each of several forms of licence, or none at all. */
const LICENCE_FILE = /^(licen[cs]e|copying|notice)(\.|-|$)/i;

/**
 * @param inputs - paths of every file that was bundled, as esbuild's metafile has them
 * @returns a text that names each package, under the licence that it comes with; packages with one text share it. Null
 *   where nothing of others' was bundled
 * @throws when a package comes with no licence: what may be done with it is then not known
 */
export function thirdPartyLicenses(inputs) {
  const folders = new Set(inputs.map((path) => PACKAGE_FOLDER.exec(resolve(path))?.[0]).filter(Boolean));
  const packagesOf = new Map();
  for (const folder of folders) {
    const { name, version, license, repository, homepage } = readPackage(folder);
    const from = typeof repository === "string" ? repository : (repository?.url ?? homepage ?? "");
    const text = licenceText(folder) ?? (license && `Licensed under ${license}.`);
    if (!text) throw new Error(`${name} comes with no licence: it cannot be bundled`);
    const packages = packagesOf.get(text) ?? new Set();
    packagesOf.set(text, packages.add(`${name} ${version}${from && ` (${from})`}`));
  }
  if (packagesOf.size === 0) return null;
  const parts = [...packagesOf]
    .map(([text, packages]) => `${[...packages].sort().join("\n")}\n\n${text.trim()}\n`)
    .sort();
  return ["This folder contains parts of these packages.\n", ...parts].join(`\n${"-".repeat(80)}\n\n`);
}

/** Some packages have a package.json in a folder of their build, which says no more than "type". */
function readPackage(folder) {
  const path = join(folder, "package.json");
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : readPackage(dirname(folder));
}

function licenceText(folder) {
  const files = readdirSync(folder).filter((name) => LICENCE_FILE.test(name));
  return files.length > 0 ? files.map((name) => readFileSync(join(folder, name), "utf8")).join("\n") : null;
}
