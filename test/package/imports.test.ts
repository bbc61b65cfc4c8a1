import { readdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { runCommand } from "../harness/command.js";
import { repository } from "../harness/repository.js";
import { copyProject } from "../harness/temporary-project.js";

/** What development and deploying need, and no handler may carry to Lambda. */
const TOOLING = [
  "esbuild",
  "commander",
  "chokidar",
  "croner",
  "classic-level",
  "oxc-parser",
  "oxc-resolver",
  "@clack/prompts",
  "@aws-sdk/client-sqs",
  "@queue-run/cli",
];

/** Which packages of this repository each may import. */
const ALLOWED: Record<string, string[]> = {
  runtime: [],
  // Its own: what runs in a process or thread of its own is an entry point of its own.
  cli: ["@queue-run/runtime", "@queue-run/cli"],
  "queue-run": ["@queue-run/runtime", "@queue-run/cli"],
};

describe("imports point one way", () => {
  it.each(Object.entries(ALLOWED))("packages/%s imports only %j", async (name, allowed) => {
    const ours = (await importsOf(name)).filter(({ specifier }) =>
      /^(queue-run|@queue-run\/)/.test(specifier),
    );
    const wrong = ours.filter(
      ({ specifier }) => !allowed.some((it) => specifier === it || specifier.startsWith(`${it}/`)),
    );
    expect(wrong).toEqual([]);
  });

  it("no package reaches into another by a path", async () => {
    for (const name of Object.keys(ALLOWED)) {
      const root = join(repository, "packages", name);
      for (const { file, specifier } of await importsOf(name)) {
        if (!specifier.startsWith(".")) continue;
        expect([file, join(file, "..", specifier).startsWith(root)]).toEqual([file, true]);
      }
    }
  });

  it("the runtime imports no tooling and no file system", async () => {
    const specifiers = await importsOf("runtime");
    const wrong = specifiers.filter(({ specifier }) =>
      [...TOOLING, "node:fs", "node:fs/promises", "node:child_process", "node:worker_threads"].includes(
        specifier,
      ),
    );
    expect(wrong).toEqual([]);
  });
});

it("the bundles of a project's handlers hold no tooling", async () => {
  const project = copyProject("examples/bookmarks");
  expect(await runCommand(["build", "-o", "out"], { cwd: project.folder })).toMatchObject({ code: 0 });
  const files = readdirSync(project.path("out"), { recursive: true, encoding: "utf8" }).filter((file) =>
    /\.(mjs|cjs|js)$/.test(file),
  );
  expect(files).not.toEqual([]);
  for (const file of files) {
    const text = project.read(join("out", file));
    for (const name of TOOLING) {
      const imported = new RegExp(`(from|import|require\\()\\s*["']${name}["'/]`);
      expect([file, name, imported.test(text)]).toEqual([file, name, false]);
    }
    expect([file, /Dev server listening|program\.command\(/.test(text)]).toEqual([file, false]);
  }
});

type Import = { file: string; specifier: string };

/** Every static and dynamic import of a package's sources that is left when types are gone; tests are left out. */
async function importsOf(name: string): Promise<Import[]> {
  const root = join(repository, "packages", name, "src");
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file) && !/\.(test|d)\.tsx?$/.test(file))
    .map((file) => join(root, file));
  const found: Import[] = [];
  await build({
    entryPoints: files,
    bundle: true,
    write: false,
    outdir: "unused",
    format: "esm",
    platform: "node",
    plugins: [
      {
        name: "note-imports",
        setup({ onResolve }) {
          onResolve({ filter: /.*/ }, ({ kind, path, importer }) => {
            if (kind === "entry-point") return null;
            found.push({ file: importer, specifier: path });
            return { path, external: true };
          });
        },
      },
    ],
  });
  return found;
}
