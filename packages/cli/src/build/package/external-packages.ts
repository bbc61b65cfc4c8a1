import { realpathSync } from "node:fs";
import { join, sep } from "node:path";
import { externalConflict, externalMissing } from "../../errors/package-errors.js";
import type { Manifest, Problem } from "../../project/manifest.js";
import type { ExternalImport } from "../function-bundle.js";
import { createImportResolver } from "../import-resolver.js";
import { packageNameOf } from "../native-packages.js";
import { isBinaryName, type Machine } from "./native-binary.js";
import { binariesProblem, retarget } from "./native-parts.js";
import { placePackages } from "./place-packages.js";
import { createPackageTracer, packageFolderOf } from "./trace-packages.js";

/** The packages that a bundle leaves outside, as they go into its zip. */
export type ExternalPackages = {
  /** Absolute paths by path in the zip: "node_modules/sharp/lib/index.js". */
  files: Map<string, string>;
  warnings: Problem[];
};

/** Collects packages for the functions of one build: functions that import the same share the work. */
export type ExternalCollector = (imports: readonly ExternalImport[]) => Promise<ExternalPackages>;

/** @param target - what the functions run on */
export function createExternalCollector({ root, settings }: Manifest, target: Machine): ExternalCollector {
  const resolver = createImportResolver(root, settings.external);
  const trace = createPackageTracer(root);
  const known = new Map<string, Promise<ExternalPackages>>();

  async function collect(imports: readonly ExternalImport[]): Promise<ExternalPackages> {
    const modules = new Set<string>();
    const roots = new Map<string, string>();
    const warnings: Problem[] = [];
    for (const { specifier, importer, kind } of imports) {
      const name = packageNameOf(specifier);
      const resolved = resolver.resolve(specifier, importer, kind);
      const file = resolved.kind === "package" || resolved.kind === "local" ? resolved.file : null;
      if (name === null || file === null) {
        // Code that requires a package may do without it; an import may not.
        if (kind === "import") warnings.push(externalMissing({ specifier, importer, root }));
        continue;
      }
      const module = realpathSync(file);
      const folder = packageFolderOf(module, root);
      if (folder === null) continue;
      const other = roots.get(name);
      if (other !== undefined && other !== folder) throw externalConflict(name, [other, folder]);
      roots.set(name, folder);
      modules.add(module);
    }
    if (modules.size === 0) return { files: new Map(), warnings };
    const packages = await trace([...modules]);
    warnings.push(...retarget(packages, target));
    const files = new Map<string, string>();
    for (const [place, folder] of placePackages(packages, roots)) {
      for (const file of packages.get(folder)?.files ?? []) {
        if (isSecret(file)) continue;
        files.set(`${place}/${file.replaceAll(sep, "/")}`, join(folder, file));
      }
    }
    for (const { name, folder, files } of packages.values()) {
      const binaries = [...files].filter(isBinaryName).map((file) => join(folder, file));
      const problem = binariesProblem(`node_modules/${name}`, binaries, target);
      if (problem && !warnings.some((warning) => warning.file === problem.file)) warnings.push(problem);
    }
    return { files, warnings };
  }

  return (imports) => {
    const key = JSON.stringify(imports);
    let collected = known.get(key);
    if (!collected) {
      collected = collect(imports);
      known.set(key, collected);
    }
    return collected;
  };
}

/** What no package has a reason to publish, and what a carelessly linked one might hold. */
function isSecret(file: string): boolean {
  const name = file.slice(file.lastIndexOf(sep) + 1);
  return /^(?:\.env(?:\..*)?|\.npmrc|\.yarnrc(?:\.yml)?|\.netrc|id_(?:rsa|dsa|ecdsa|ed25519)|.*\.(?:key|p12|pfx))$/.test(
    name,
  );
}
