/**
 * Completes package-lock.json with the optional packages of platforms other than this machine's (native bindings of
 * biome, esbuild, oxc, turbo): npm leaves out those that the registry in use does not mirror, and `npm ci` then refuses
 * the lock on every machine. Their versions and platforms follow from the package that names them. Run it after
 * `npm install` has changed the lock.
 */
import { readFileSync, writeFileSync } from "node:fs";

const FILE = "package-lock.json";
const CPUS = {
  64: "x64",
  arm: "arm",
  arm64: "arm64",
  ia32: "ia32",
  ppc64: "ppc64",
  riscv64: "riscv64",
  s390x: "s390x",
  x64: "x64",
};
const SYSTEMS = ["android", "darwin", "freebsd", "linux", "openharmony", "win32"];

const lock = JSON.parse(readFileSync(FILE, "utf8"));
let added = 0;
for (const [path, parent] of Object.entries(lock.packages)) {
  if (!path.includes("node_modules/")) continue;
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const platform = platformOf(name);
    const key = `node_modules/${name}`;
    if (!platform || lock.packages[key] || lock.packages[`${path}/${key}`]) continue;
    lock.packages[key] = { version, ...platform, ...(parent.dev ? { dev: true } : {}), optional: true };
    added++;
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en")),
);
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added === 0 ? "The lock is complete." : `Added ${added} packages of other platforms.`);

/** Which machines a native package is for, by its name; null when the name says nothing of it. */
function platformOf(name) {
  const words = name
    .split("/")
    .at(-1)
    .split("-")
    .map((word) => (word === "windows" ? "win32" : word));
  const system = SYSTEMS.find((candidate) => words.includes(candidate));
  const cpu = words.map((word) => CPUS[word]).find(Boolean);
  if (!system || !cpu) return null;
  const libc =
    words.includes("musl") || words.includes("musleabihf")
      ? ["musl"]
      : words.some((word) => word.startsWith("gnu"))
        ? ["glibc"]
        : null;
  return { cpu: [cpu], os: [system], ...(libc ? { libc } : {}) };
}
