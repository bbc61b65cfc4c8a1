import { expect, test } from "vitest";
import { type InstalledPackage, placePackages } from "./place-packages.js";

/** Folders are named "name@version". */
function laidOut(packages: Record<string, string[]>, roots: string[]): Record<string, string> {
  const nameOf = (folder: string) => folder.slice(0, folder.lastIndexOf("@"));
  const byName = (folders: string[]) => new Map(folders.map((folder) => [nameOf(folder), folder]));
  const installed = new Map<string, InstalledPackage>(
    Object.entries(packages).map(([folder, needs]) => [
      folder,
      { name: nameOf(folder), dependencies: byName(needs) },
    ]),
  );
  return Object.fromEntries(placePackages(installed, byName(roots)));
}

test("packages of one version are side by side", () => {
  expect(laidOut({ "a@1": ["b@1", "@s/c@1"], "b@1": ["@s/c@1"], "@s/c@1": ["a@1"] }, ["a@1"])).toEqual({
    "node_modules/a": "a@1",
    "node_modules/b": "b@1",
    "node_modules/@s/c": "@s/c@1",
  });
});

test("another version is inside of the package that needs it, and hides the first from nobody else", () => {
  const placed = laidOut({ "a@1": ["c@1", "b@1"], "b@1": ["c@2", "d@1"], "c@2": ["d@2"], "d@2": ["c@1"] }, [
    "a@1",
    "c@1",
  ]);
  expect(placed).toEqual({
    "node_modules/a": "a@1",
    "node_modules/b": "b@1",
    "node_modules/c": "c@1",
    "node_modules/d": "d@1",
    "node_modules/b/node_modules/c": "c@2",
    "node_modules/b/node_modules/c/node_modules/d": "d@2",
    // Inside of c@2, which would be found first.
    "node_modules/b/node_modules/c/node_modules/d/node_modules/c": "c@1",
  });
});

test("what is imported by an alias is under that name", () => {
  const packages = new Map<string, InstalledPackage>([
    ["/x/real", { name: "real", dependencies: new Map([["alias", "/x/other"]]) }],
  ]);
  expect([...placePackages(packages, new Map([["real", "/x/real"]]))]).toEqual([
    ["node_modules/real", "/x/real"],
    ["node_modules/alias", "/x/other"],
  ]);
});

test("versions that need each other in a circle are refused, not laid out for ever", () => {
  const circle = { "a@1": ["b@1"], "b@1": ["a@2"], "a@2": ["b@2"], "b@2": ["a@1"] };
  expect(() => laidOut(circle, ["a@1"])).toThrow("cannot be laid out");
});
