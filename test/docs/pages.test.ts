import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { repository } from "../harness/repository.js";
import { codeBlocks, pages } from "./code-blocks.js";

const CODE = new Set(["ts", "tsx", "js", "jsx"]);

describe.each(pages())("%s", (page) => {
  it("shows code that is a file of a project that the tests run", () => {
    for (const block of codeBlocks(page)) {
      const where = `${page}:${block.line}`;
      if (CODE.has(block.language)) expect([where, block.file]).toEqual([where, expect.any(String)]);
      if (!block.file) continue;
      expect([where, block.file]).toEqual([where, expect.stringMatching(/^(examples|test\/fixtures)\//)]);
      expect([where, block.content]).toEqual([where, readFileSync(join(repository, block.file), "utf8")]);
    }
  });

  it("links to pages and files that are there", () => {
    const text = readFileSync(join(repository, page), "utf8");
    for (const [, target = ""] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      expect([target, existsSync(join(repository, dirname(page), target))]).toEqual([target, true]);
    }
  });
});

it("the catalogue of errors lists every code that the source can raise, and no other", () => {
  const inSource = new Set<string>();
  for (const folder of ["packages/runtime/src", "packages/cli/src", "packages/queue-run/src"]) {
    for (const file of readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" })) {
      if (!/\.tsx?$/.test(file) || /\.test\.tsx?$/.test(file)) continue;
      const text = readFileSync(join(repository, folder, file), "utf8").replace(
        /^\s*(\*|\/\*|\/\/).*$/gm,
        "",
      );
      for (const [code] of text.matchAll(/\bQR_[A-Z][A-Z_]+\b/g)) inSource.add(code);
    }
  }
  const text = readFileSync(join(repository, "docs/errors.md"), "utf8");
  const firstCells = [...text.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell = ""]) => cell);
  const inCatalogue = new Set(firstCells.flatMap((cell) => cell.match(/QR_[A-Z_]+/g) ?? []));
  expect([...inCatalogue].sort()).toEqual([...inSource].sort());
});

it("ARCHITECTURE.md names every folder of the source", () => {
  const text = readFileSync(join(repository, "ARCHITECTURE.md"), "utf8");
  const folders = ["runtime", "cli", "queue-run"].flatMap((name) =>
    readdirSync(join(repository, "packages", name, "src"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => `packages/${name}/src/${entry.name}`),
  );
  expect(folders.filter((folder) => !text.includes(folder))).toEqual([]);
});
