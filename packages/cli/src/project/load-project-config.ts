import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import type { ProjectConfig } from "@queue-run/runtime/config";
import type { BuildFailure, Plugin } from "esbuild";
import { checkProjectConfig } from "./check-project-config.js";
import type { Problem } from "./manifest.js";
import { prepareOutputFolder } from "./output-folder.js";
import { problem } from "./problem.js";

/** What queue-run.config.ts said, or the defaults; and what was wrong with it. */
export type LoadedConfig = {
  config: ProjectConfig;
  problems: Problem[];
  /** The files that it was made from, relative to the root. */
  inputs: ReadonlySet<string>;
};

/**
 * Runs queue-run.config.ts, the one file of a project that is executed while it is read.
 *
 * @param root - absolute
 * @param file - its name in the root, or null where there is none
 * @param stage - given to the function that it may export
 */
export async function loadProjectConfig(
  root: string,
  file: string | null,
  stage: string,
): Promise<LoadedConfig> {
  if (file === null) return { config: {}, problems: [], inputs: new Set() };
  const failed = (
    message: string,
    fix: string,
    at: { line: number; column: number } | null = null,
  ): LoadedConfig => ({
    config: {},
    problems: [problem("QR_CONFIG_FAILED", file, at, message, fix)],
    inputs: new Set([file]),
  });
  const { build } = await import("esbuild");
  let code: string;
  let inputs: Set<string>;
  try {
    const result = await build({
      absWorkingDir: root,
      entryPoints: [join(root, file)],
      bundle: true,
      write: false,
      metafile: true,
      format: "esm",
      platform: "node",
      target: "node20.19",
      packages: "external",
      sourcemap: "inline",
      logLevel: "silent",
      define: {
        "import.meta.url": JSON.stringify(pathToFileURL(join(root, file)).href),
        "import.meta.dirname": JSON.stringify(root),
        __dirname: JSON.stringify(root),
      },
      plugins: [defineConfigOnly],
    });
    code = result.outputFiles[0]?.text ?? "";
    inputs = new Set(Object.keys(result.metafile.inputs).filter((input) => !input.includes(":")));
  } catch (error) {
    const first = (error as BuildFailure).errors?.[0];
    if (!first) throw error;
    const place = first.location;
    const at = place && { line: place.line, column: place.column + 1 };
    const inner =
      place && place.file !== file
        ? ` (${isAbsolute(place.file) ? relative(root, place.file) : place.file})`
        : "";
    return failed(`${first.text}${inner}.`, "Mend the file.", at);
  }
  const folder = join(prepareOutputFolder(root), "tmp");
  const module = join(folder, `config-${process.pid}-${randomUUID()}.mjs`);
  mkdirSync(folder, { recursive: true });
  try {
    writeFileSync(module, code);
    const loaded: { default?: unknown } = await import(/* @vite-ignore */ pathToFileURL(module).href);
    const exported = loaded.default;
    const given: unknown = typeof exported === "function" ? await exported({ stage }) : exported;
    const problems: Problem[] = [];
    const config = checkProjectConfig(file, given, problems);
    // What is wrong is reported here once, not for each queue that would take it as its default.
    return { config: problems.length === 0 ? config : {}, problems, inputs };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return failed(
      `It failed while it ran: ${reason}.`,
      "Mend the file; it runs whenever the project is read.",
    );
  } finally {
    rmSync(module, { force: true });
  }
}

/** Gives the config file `defineConfig` alone, so that reading a project does not load the runtime. */
const defineConfigOnly: Plugin = {
  name: "queue-run-config",
  setup(builder) {
    builder.onResolve({ filter: /^queue-run$/ }, () => ({
      path: "queue-run",
      namespace: "queue-run-config",
    }));
    builder.onLoad({ filter: /.*/, namespace: "queue-run-config" }, () => ({
      contents: "export const defineConfig = (config) => config;",
      loader: "js",
    }));
  },
};
