import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { expect, onTestFinished, test } from "vitest";
import { toSourceStack } from "./source-stack.js";

test("frames of a bundle are those of the files that it was made of; others stay as they are", async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "queue-run-stack-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const contents =
    "// a comment\nexport function explode(reason: string): never {\n  throw new TypeError(reason);\n}\n";
  const outfile = join(folder, "explode-1.mjs");
  await build({
    stdin: { contents, sourcefile: "lib/explode.ts", loader: "ts", resolveDir: folder },
    outfile,
    minify: true,
    sourcemap: "linked",
    format: "esm",
  });
  const { explode } = await import(pathToFileURL(outfile).href);
  let stack = "";
  try {
    explode("no");
  } catch (error) {
    stack = (error as Error).stack ?? "";
  }
  // The test's own runner names files by their paths.
  const asOnLambda = stack.replace(outfile, pathToFileURL(outfile).href);
  expect(toSourceStack(asOnLambda)).toContain(`${folder}/lib/explode.ts:3:`);
  expect(toSourceStack(asOnLambda)).toContain("TypeError: no");
  const other = `at run (file://${folder}/unmapped.mjs:1:2)\nat node:internal/x:1:2`;
  expect(toSourceStack(other)).toBe(other);
});
