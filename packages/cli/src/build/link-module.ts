import { fileURLToPath, pathToFileURL } from "node:url";
import type { Problem } from "../project/manifest.js";
import { positionsIn } from "../project/source-position.js";
import type { ImportKind, ImportResolver } from "./import-resolver.js";
import { type ModuleImport, REQUIRE, type TransformedModule } from "./transform-module.js";

/** A module whose imports lead to files that Node can load. */
export type LinkedModule = {
  code: string;
  /** Files of the project that it imports. */
  imports: string[];
  problems: Problem[];
};

/** What linking needs to know of everything else. */
export type LinkContext = {
  resolver: ImportResolver;
  /** URL of the module that a file of the project becomes. */
  urlOf: (file: string) => string;
  /** Whether that module is CommonJS; null while it is not known. */
  isCommonJs: (file: string) => boolean | null;
  /** URL that stands for one of our own specifiers in this file; null to leave it to Node. */
  runtimeUrl: (specifier: string, importer: TransformedModule, kind: ImportKind) => string | null;
  /** URL of a module between this one and a CommonJS file. */
  interopUrl: (commonJsUrl: string, names: string[], importer: TransformedModule) => string;
  /** Relative to the root, for messages. */
  nameOf: (file: string) => string;
};

/**
 * The files of the project that a module imports, without linking it.
 *
 * @returns absolute paths
 */
export function localImports(module: TransformedModule, resolver: ImportResolver): string[] {
  const files = new Set<string>();
  for (const { specifier, kind } of module.imports) {
    const resolved = resolver.resolve(specifier, module.file, kind);
    if (resolved.kind === "local") files.add(resolved.file);
  }
  return [...files];
}

/** Rewrites the imports of a module; everything else stays where it is, so that its source map holds. */
export function linkModule(module: TransformedModule, context: LinkContext): LinkedModule {
  const imports = new Set<string>();
  const problems: Problem[] = [];
  const parts: string[] = [];
  let end = 0;
  for (const entry of module.imports) {
    const target = targetOf(entry);
    if (target === null) continue;
    parts.push(module.code.slice(end, entry.start), JSON.stringify(target));
    end = entry.end;
  }
  parts.push(module.code.slice(end));
  return { code: requirePrefix(module) + parts.join(""), imports: [...imports], problems };

  /** What the specifier becomes; null to leave it. */
  function targetOf({ specifier, kind, isStatic, names }: ModuleImport): string | null {
    const resolved = context.resolver.resolve(specifier, module.file, kind);
    const asTarget = (url: string) => (kind === "require" ? fileURLToPath(url) : url);
    switch (resolved.kind) {
      case "builtin":
        return null;
      case "runtime": {
        const url = context.runtimeUrl(resolved.specifier, module, kind);
        return url === null ? null : asTarget(url);
      }
      case "local": {
        imports.add(resolved.file);
        if (kind === "require" && resolved.file.endsWith(".json")) return resolved.file;
        const url = context.urlOf(resolved.file);
        if (kind === "import" && context.isCommonJs(resolved.file))
          return context.interopUrl(url, namesFor(isStatic, names), module);
        return asTarget(url);
      }
      case "package": {
        if (resolved.file === null) {
          if (isStatic) problems.push(notInstalled(specifier));
          return null;
        }
        const url = pathToFileURL(resolved.file).href;
        if (isStatic && resolved.commonJs && names.length > 0) return context.interopUrl(url, names, module);
        return asTarget(url);
      }
      case "unsupported":
        problems.push(unsupported(specifier));
        return null;
      case "missing":
        if (kind === "import") problems.push(notFound(specifier));
        return null;
    }
  }

  function notInstalled(specifier: string): Problem {
    const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
    return place(specifier, {
      code: "QR_PACKAGE_NOT_FOUND",
      message: `The package ${specifier} is not installed.`,
      fix: `Install it (npm install ${name}), or mend the import.`,
    });
  }

  function notFound(specifier: string): Problem {
    return place(specifier, {
      code: "QR_IMPORT_NOT_FOUND",
      message: `There is no file for the import ${JSON.stringify(specifier)}.`,
      fix: "Mend the import, or make the file.",
    });
  }

  function unsupported(specifier: string): Problem {
    return place(specifier, {
      code: "QR_UNSUPPORTED_IMPORT",
      message: `${JSON.stringify(specifier)} is neither code nor data that can be imported (.json, .txt).`,
      fix: "Read the file when it is needed: readFile(new URL(…, import.meta.url)).",
    });
  }

  function place(specifier: string, details: Pick<Problem, "code" | "message" | "fix">): Problem {
    const offset = Math.max(module.source.indexOf(`"${specifier}"`), module.source.indexOf(`'${specifier}'`));
    const at = offset === -1 ? null : positionsIn(module.source)(offset);
    const frame = at ? module.source.split("\n")[at.line - 1] : undefined;
    return {
      ...details,
      file: context.nameOf(module.file),
      line: at?.line ?? null,
      column: at?.column ?? null,
      ...(frame === undefined ? {} : { frame }),
    };
  }
}

/** A dynamic import may use any name of a CommonJS file. */
function namesFor(isStatic: boolean, names: string[]): string[] {
  return isStatic ? names : ["*", "default"];
}

/** Gives a module its `require`, on its first line, so that no line moves. */
function requirePrefix({ file, code, format, usesRequire }: TransformedModule): string {
  if (!usesRequire) return "";
  const url = JSON.stringify(pathToFileURL(file).href);
  const builtin = `process.getBuiltinModule("node:module")`;
  const directive =
    format === "commonjs" ? (/^(?:"use strict"|'use strict');\n?/.exec(code)?.[0].trim() ?? "") : "";
  const resolve = code.includes(`${REQUIRE}.importMetaResolve`)
    ? ` ${REQUIRE}.importMetaResolve = (specifier) => process.getBuiltinModule("node:url").pathToFileURL(${REQUIRE}.resolve(specifier)).href;`
    : "";
  return `${directive}const ${REQUIRE} = ${builtin}.createRequire(${url});${resolve} `;
}
