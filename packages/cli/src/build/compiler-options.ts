import { dirname } from "node:path";
import type { TsconfigRaw } from "esbuild";
import { getTsconfig, parseTsconfig } from "get-tsconfig";

/** What esbuild takes of a tsconfig.json. */
export type CompilerOptions = NonNullable<Exclude<TsconfigRaw, string>["compilerOptions"]>;

/** The settings of a tsconfig.json that change what a file becomes. */
const RELEVANT = [
  "alwaysStrict",
  "experimentalDecorators",
  "importsNotUsedAsValues",
  "jsx",
  "jsxFactory",
  "jsxFragmentFactory",
  "jsxImportSource",
  "preserveValueImports",
  "strict",
  "target",
  "useDefineForClassFields",
  "verbatimModuleSyntax",
] as const satisfies (keyof CompilerOptions)[];

/** What a project without a tsconfig.json, or with one that says nothing of JSX, gets. */
const DEFAULTS: CompilerOptions = { jsx: "react-jsx", jsxImportSource: "queue-run" };

/**
 * Finds the options that apply to a file: the nearest tsconfig.json's, with all that it extends.
 *
 * @returns a lookup that remembers folders; make a new one when a tsconfig.json changes
 */
export function createCompilerOptions(): (file: string) => CompilerOptions {
  const byFolder = new Map<string, CompilerOptions>();
  const byConfig = new Map<string, CompilerOptions>();
  return (file) => {
    const folder = dirname(file);
    const known = byFolder.get(folder);
    if (known) return known;
    const options = read(folder);
    byFolder.set(folder, options);
    return options;
  };

  function read(folder: string): CompilerOptions {
    const config = find(folder);
    if (!config) return DEFAULTS;
    const before = byConfig.get(config.path);
    if (before) return before;
    const given = config.options;
    const options: Record<string, unknown> = given.jsx === undefined ? { ...DEFAULTS } : {};
    for (const key of RELEVANT) if (given[key] !== undefined) options[key] = given[key];
    byConfig.set(config.path, options);
    return options;
  }
}

function find(folder: string): { path: string; options: Record<string, unknown> } | null {
  try {
    const found = getTsconfig(folder);
    if (!found) return null;
    const parsed = found.config ?? parseTsconfig(found.path);
    return { path: found.path, options: { ...parsed.compilerOptions } };
  } catch {
    // A tsconfig.json that extends what is not installed is the type checker's to report; handlers still run.
    return null;
  }
}
