/**
 * Writes the content of the files that the documentation shows into the fenced blocks below their
 * `<!-- file: PATH -->` comments. test/docs fails where a page and its file differ; this mends it.
 *
 *   node scripts/fill-examples.mjs
 */
import { globSync, readFileSync, writeFileSync } from "node:fs";

for (const page of ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", ...globSync("docs/**/*.md")]) {
  const text = readFileSync(page, "utf8");
  const filled = text.replace(
    /(<!-- file: (.+) -->\n```\w*\n)[\s\S]*?(^```$)/gm,
    (_, opening, file, closing) => opening + readFileSync(file, "utf8") + closing,
  );
  if (filled !== text) writeFileSync(page, filled);
}
