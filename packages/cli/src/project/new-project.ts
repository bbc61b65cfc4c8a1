import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { initConflictError } from "../errors/init-errors.js";

/** What `init` can start with. */
export const TEMPLATES = {
  queue: "a queue, and the route that fills it",
  api: "HTTP routes",
  full: "routes, a queue with retries, a FIFO queue, settings",
} as const;

/** The name of a template. */
export type Template = keyof typeof TEMPLATES;

/**
 * Writes a project that runs. A package.json, .gitignore, tsconfig.json or README.md that is there already is kept, and
 * given what it lacks; nothing is overwritten.
 *
 * @param folder - absolute; made when it is not there
 * @returns the files written or added to, relative to the folder, sorted
 * @throws QueueRunError `QR_INIT_CONFLICT` when a file of the template is there already; then nothing is written
 */
export function writeNewProject(folder: string, template: Template): string[] {
  const packageFolder = findPackageFolder();
  const source = join(packageFolder, "templates", template);
  const files = readdirSync(source, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(source.length + 1)
        .replaceAll("\\", "/"),
    );
  const conflicts = files.filter((file) => existsSync(join(folder, file)));
  if (conflicts.length > 0) throw initConflictError(folder, conflicts);

  const texts = new Map(files.map((file) => [file, readFileSync(join(source, file), "utf8")]));
  const name = toPackageName(basename(folder));
  addPackage(folder, name, readVersion(packageFolder), texts);
  addIgnored(folder, texts);
  if (!existsSync(join(folder, "tsconfig.json")))
    texts.set("tsconfig.json", toJson({ extends: "queue-run/tsconfig.json" }));
  if (!existsSync(join(folder, "README.md"))) texts.set("README.md", readme(name, template));
  for (const [file, text] of texts) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return [...texts.keys()].sort();
}

/** A request that shows that the project runs. */
export const FIRST_REQUEST: Record<Template, string> = {
  queue: "curl localhost:8000/greetings -d name=Ada",
  api: "curl localhost:8000/hello/Ada",
  full: "curl localhost:8000/orders/ada/1 -d item=book",
};

/** package.json's dependencies and scripts, by the field they stand in. */
function addPackage(folder: string, name: string, version: string, texts: Map<string, string>): void {
  const wanted = {
    scripts: { dev: "queue-run dev", build: "queue-run build", types: "queue-run types && tsc --noEmit" },
    dependencies: { "queue-run": `^${version}` },
    devDependencies: { "@types/node": "^22", typescript: "^7" },
  };
  const path = join(folder, "package.json");
  if (!existsSync(path)) {
    texts.set("package.json", toJson({ name, private: true, type: "module", ...wanted }));
    return;
  }
  const before = readFileSync(path, "utf8");
  const manifest: Record<string, unknown> = JSON.parse(before);
  for (const [field, members] of Object.entries(wanted)) {
    const present = manifest[field];
    manifest[field] = { ...members, ...(present !== null && typeof present === "object" ? present : {}) };
  }
  const after = toJson(manifest);
  if (after !== before) texts.set("package.json", after);
}

function addIgnored(folder: string, texts: Map<string, string>): void {
  const path = join(folder, ".gitignore");
  const before = existsSync(path) ? readFileSync(path, "utf8") : "";
  const lines = before.split(/\r?\n/).map((line) => line.replace(/^\/|\/$/g, "").trim());
  const missing = ["node_modules", ".queue-run", ".env"].filter((line) => !lines.includes(line));
  if (missing.length === 0) return;
  const joint = before === "" || before.endsWith("\n") ? "" : "\n";
  texts.set(".gitignore", `${before}${joint}${missing.join("\n")}\n`);
}

function readme(name: string, template: Template): string {
  const request = FIRST_REQUEST[template];
  return `# ${name}

\`\`\`
npm install
npm run dev
${request}
\`\`\`

- A file in \`api/\` is a route: \`api/orders/[id].ts\` answers \`/orders/…\`.
- A file in \`queues/\` is a queue; \`queues/orders.fifo.ts\` is a FIFO queue.
- A file whose name starts with \`_\` is neither.
- \`npm run types\` checks the types; \`npm run build\` bundles each function.
`;
}

function toPackageName(folder: string): string {
  return (
    folder
      .toLowerCase()
      .replace(/[^a-z0-9._~-]+/g, "-")
      .replace(/^[-._]+|-+$/g, "") || "my-app"
  );
}

function toJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The folder of this package: its templates are beside dist and src. */
function findPackageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "templates")) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

function readVersion(packageFolder: string): string {
  return JSON.parse(readFileSync(join(packageFolder, "package.json"), "utf8")).version;
}
