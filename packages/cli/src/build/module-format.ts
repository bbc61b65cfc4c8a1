import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** How Node and esbuild take a file. */
export type ModuleFormat = "esm" | "commonjs";

/**
 * Tells which files belong to a package of `"type": "module"`.
 *
 * @returns a lookup that remembers folders; make a new one when a package.json changes
 */
export function createPackageTypes(): (file: string) => "module" | "commonjs" {
  const byFolder = new Map<string, "module" | "commonjs">();
  return (file) => typeOf(dirname(file));

  function typeOf(folder: string): "module" | "commonjs" {
    const known = byFolder.get(folder);
    if (known) return known;
    const parent = dirname(folder);
    const type = declaredType(folder) ?? (parent === folder ? "commonjs" : typeOf(parent));
    byFolder.set(folder, type);
    return type;
  }
}

function declaredType(folder: string): "module" | "commonjs" | null {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const isModule =
      manifest !== null && typeof manifest === "object" && "type" in manifest && manifest.type === "module";
    return isModule ? "module" : "commonjs";
  } catch {
    return null;
  }
}

/**
 * As esbuild does: a file with `import` or `export` is ESM whatever its package says; any other is CommonJS, unless
 * its extension or its package's "type" makes it a module.
 */
export function moduleFormat(
  file: string,
  hasModuleSyntax: boolean,
  packageType: "module" | "commonjs",
): ModuleFormat {
  if (/\.c[jt]s$/.test(file)) return hasModuleSyntax ? "esm" : "commonjs";
  if (hasModuleSyntax || /\.m[jt]s$/.test(file)) return "esm";
  return packageType === "module" ? "esm" : "commonjs";
}
