import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../harness/repository.js";

/** A fenced block of a page, with the file that it says it shows. */
export type CodeBlock = {
  page: string;
  line: number;
  language: string;
  file: string | null;
  content: string;
};

/** Every page of documentation, relative to the repository. */
export function pages(): string[] {
  const under = (folder: string): string[] =>
    readdirSync(join(repository, folder), { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? under(join(folder, entry.name)) : [join(folder, entry.name)],
    );
  return [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    ...under("docs").filter((page) => page.endsWith(".md")),
  ];
}

/** The blocks of a page. A comment `<!-- file: PATH -->` on the line before the fence names the file. */
export function codeBlocks(page: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  const lines = readFileSync(join(repository, page), "utf8").split("\n");
  let open: CodeBlock | null = null;
  for (const [index, line] of lines.entries()) {
    const fence = /^```(\w*)/.exec(line);
    if (open && fence) {
      blocks.push(open);
      open = null;
    } else if (open) open.content += `${line}\n`;
    else if (fence) {
      const file = /^<!-- file: (.+) -->$/.exec(lines[index - 1] ?? "")?.[1] ?? null;
      open = { page, line: index + 1, language: fence[1] ?? "", file, content: "" };
    }
  }
  return blocks;
}
