import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import { describe, expect, test } from "vitest";

const KB = 1024;
/** What only development and deploying need. */
const TOOLS = /node_modules\/(commander|esbuild|@esbuild|chokidar|@aws-sdk|@clack|oxc-[^/]+|classic-level)\//;

/** Bundles as deploying does: minified, split, the packages' ES modules. */
async function bundle(contents: string): Promise<Metafile> {
  const resolveDir = fileURLToPath(new URL(".", import.meta.url));
  const { metafile } = await build({
    stdin: { contents, resolveDir, loader: "ts" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node22",
    minify: true,
    write: false,
    outdir: "out",
    metafile: true,
    mainFields: ["module", "main"],
    conditions: ["queue-run:source", "module"],
  });
  return metafile;
}

/** What is read when the bundle is imported: the entry, and all that it imports statically. */
function loadedAtOnce({ outputs }: Metafile): { bytes: number; inputs: string[] } {
  const waiting = Object.keys(outputs).filter((file) => file.includes("stdin"));
  const seen = new Set<string>();
  for (const file of waiting) {
    if (seen.has(file)) continue;
    seen.add(file);
    const imports =
      outputs[file]?.imports.filter(({ kind, external }) => kind === "import-statement" && !external) ?? [];
    waiting.push(...imports.map(({ path }) => path));
  }
  const loaded = [...seen].flatMap((file) => outputs[file] ?? []);
  return {
    bytes: loaded.reduce((sum, output) => sum + output.bytes, 0),
    inputs: loaded.flatMap(({ inputs }) => Object.keys(inputs)),
  };
}

describe("the bundle of a handler", () => {
  test.each(["lambda/queue.ts", "lambda/http.ts", "lambda/socket.ts"])(
    "with %s has no tool of ours in it, not even lazily",
    async (entry) => {
      const metafile = await bundle(
        `export * from "./index.js"; export * from "./bind.js"; export * from "./${entry}";`,
      );
      expect(Object.keys(metafile.inputs).filter((input) => TOOLS.test(input))).toEqual([]);
    },
  );

  test("reads references alone when it is imported: what sends is loaded on the first push", async () => {
    const { bytes, inputs } = loadedAtOnce(await bundle('export { queues } from "./queue/queues.js";'));
    expect(inputs.filter((input) => /signature-v4|sqs-client|queue\/deliver|queue-http/.test(input))).toEqual(
      [],
    );
    expect(bytes).toBeLessThan(10 * KB);
  });

  test("that verifies tokens loads what that takes with the first token", async () => {
    const { bytes, inputs } = loadedAtOnce(await bundle('export { jwt } from "./index.js";'));
    expect(inputs.filter((input) => /\/jose\/|check-token/.test(input))).toEqual([]);
    expect(bytes).toBeLessThan(6 * KB);
  });

  test.each(["socket/socket.ts", "lambda/socket.ts"])(
    "reads of %s nothing that sends to a connection, or knows whose it is, before the first does",
    async (file) => {
      const { inputs } = loadedAtOnce(await bundle(`export * from "./${file}";`));
      expect(inputs.filter((input) => /signature-v4|socket-reach|in-table|table-client/.test(input))).toEqual(
        [],
      );
    },
  );
});
