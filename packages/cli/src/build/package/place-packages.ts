/** A package that is installed in a folder. The same name may be installed several times, in different versions. */
export type InstalledPackage = {
  /** As it is imported: "sharp". */
  name: string;
  /** By the name that this one imports it by: the folder that the import leads to. */
  dependencies: ReadonlyMap<string, string>;
};

/** Deeper nesting means that versions need each other in a circle. */
const MAX_DEPTH = 20;

/**
 * Lays packages out in one node_modules so that each import leads to the package that it leads to where they are
 * installed: at the top where there is room, else inside of the package that needs another version.
 *
 * @param packages - by folder
 * @param roots - what the bundle itself imports: folder by name
 * @returns folder by place: "node_modules/a", "node_modules/a/node_modules/b"
 */
export function placePackages(
  packages: ReadonlyMap<string, InstalledPackage>,
  roots: ReadonlyMap<string, string>,
): Map<string, string> {
  const placed = new Map<string, string>();
  for (const name of [...roots.keys()].sort()) placed.set(`node_modules/${name}`, roots.get(name) ?? "");
  // A package put inside of another hides the one at the top from others in there, so all is looked at again.
  for (let isSettled = false; !isSettled; ) {
    isSettled = true;
    for (const [place, folder] of placed) {
      const dependencies = packages.get(folder)?.dependencies ?? new Map<string, string>();
      for (const [name, wanted] of [...dependencies].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const found = lookUp(placed, place, name);
        if (found === wanted) continue;
        const own = `${place}/node_modules/${name}`;
        if (own.split("/node_modules/").length > MAX_DEPTH) {
          throw new Error(`The versions of ${name} and what it needs cannot be laid out in one folder`);
        }
        placed.set(found === null ? `node_modules/${name}` : own, wanted);
        isSettled = false;
      }
    }
  }
  return placed;
}

/** As Node looks for a package: in the own node_modules, then in those around. */
function lookUp(placed: ReadonlyMap<string, string>, place: string, name: string): string | null {
  for (let at = place; ; ) {
    const found = placed.get(`${at}/node_modules/${name}`);
    if (found !== undefined) return found;
    const outer = at.lastIndexOf("/node_modules/");
    if (outer === -1) return placed.get(`node_modules/${name}`) ?? null;
    at = at.slice(0, outer);
  }
}
