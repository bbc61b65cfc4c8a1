import { createHash } from "node:crypto";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { commonJsInterop } from "./commonjs-interop.js";
import type { ModuleFormat } from "./module-format.js";

/** The folder that development modules are written to. Nothing is written before `write`. */
export type ModuleOutput = {
  /** Where the module of a source file goes. */
  pathOf: (file: string, format: ModuleFormat) => string;
  /** Adds a module that stands for no source file. Returns its URL. */
  generate: (path: string, text: string) => string;
  /** Adds a module between an ESM file and a CommonJS one. Returns its URL. */
  interop: (url: string, names: ReadonlySet<string>, defaultOf: "node" | "compiled" | "handler") => string;
  /** Writes what changed, each file whole or not at all: modules by their path, and what was generated. */
  write: (modules: ReadonlyMap<string, string>) => void;
};

/**
 * @param root - the project's folder
 * @param outDir - where modules go
 */
export function createModuleOutput(root: string, outDir: string): ModuleOutput {
  const written = new Map<string, string>();
  const generated = new Map<string, string>();

  return {
    pathOf(file, format) {
      const local = relative(root, file);
      const isInside = !local.startsWith("..") && !/^[A-Za-z]:/.test(local);
      const path = isInside ? local : join("_outside", file.replace(/^([A-Za-z]):/, "$1"));
      return join(outDir, `${path}${format === "commonjs" ? ".cjs" : ".mjs"}`);
    },
    generate,
    interop(url, names, defaultOf) {
      const text = commonJsInterop(url, names, defaultOf);
      const name = basename(fileURLToPath(url)).replace(/[^\w.-]/g, "_");
      return generate(
        `_commonjs/${name}-${createHash("sha1").update(text).digest("hex").slice(0, 12)}.mjs`,
        text,
      );
    },
    write(modules) {
      for (const [path, text] of generated) writeWhole(path, text);
      for (const [path, text] of modules) writeWhole(path, text);
    },
  };

  function generate(path: string, text: string): string {
    const absolute = join(outDir, path);
    generated.set(absolute, text);
    return pathToFileURL(absolute).href;
  }

  function writeWhole(path: string, text: string): void {
    if (written.get(path) === text) return;
    mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.${process.pid}.tmp`;
    writeFileSync(temporary, text);
    renameSync(temporary, path);
    written.set(path, text);
  }
}
