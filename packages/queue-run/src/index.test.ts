import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

/** The names that a module re-exports, types too. */
function exportedNames(file: string): string[] {
  const text = readFileSync(new URL(file, import.meta.url), "utf8");
  const lists = [...text.matchAll(/export (?:type )?\{([^}]*)\} from/g)].map(([, list = ""]) => list);
  return lists.flatMap((list) => list.split(",").map((name) => name.trim())).filter((name) => name !== "");
}

test("users can import all that handlers get in a bundle, and no more", () => {
  expect(exportedNames("./index.ts").sort()).toEqual(exportedNames("../../runtime/src/index.ts").sort());
});

test("JSX that types allow is JSX that runs", async () => {
  const { jsx, Fragment } = await import("./jsx-runtime.js");
  expect(String(jsx("b", { children: "bold" }))).toBe("<b>bold</b>");
  expect(String(await Fragment({ children: ["a", "b"] }))).toBe("ab");
});
