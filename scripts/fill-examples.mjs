/**
 * Writes the content of the files that the documentation shows into the fenced blocks below their
 * `<!-- file: PATH -->` comments. test/docs fails where a page and its file differ; this mends it.
 *
 *   node scripts/fill-examples.mjs
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const docs = readdirSync("docs", { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".md"),
);

for (const page of ["README.md", ...docs.map((file) => `docs/${file}`)]) {
  const text = readFileSync(page, "utf8");
  const filled = text.replace(
    /(<!-- file: (.+) -->\n```\w*\n)[\s\S]*?(^```$)/gm,
    (_, opening, file, closing) => opening + readFileSync(file, "utf8") + closing,
  );
  if (filled !== text) writeFileSync(page, filled);
}
