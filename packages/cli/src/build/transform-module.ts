import { readFileSync } from "node:fs";
import { dirname, extname } from "node:path";
import { pathToFileURL } from "node:url";
import type { Loader, Message, TransformFailure } from "esbuild";
import { type EcmaScriptModule, parseSync } from "oxc-parser";
import { SOURCE_LANGUAGES, sourceExtension } from "../project/source-language.js";
import type { CompilerOptions } from "./compiler-options.js";
import type { ImportKind } from "./import-resolver.js";
import { type ModuleFormat, moduleFormat } from "./module-format.js";
import { transformInProcess } from "./transform-in-process.js";

/** One file, as JavaScript that is not linked yet: its imports still say what the source says. */
export type TransformedModule = {
  file: string;
  source: string;
  format: ModuleFormat;
  code: string;
  imports: ModuleImport[];
  /** Whether it calls `require`, which then must be given to it. */
  usesRequire: boolean;
};

/** An import in `code`. */
export type ModuleImport = {
  specifier: string;
  kind: ImportKind;
  /** Where the specifier stands with its quotes; rewriting replaces it. */
  start: number;
  end: number;
  /** Static ones fail when the module loads; the others, when that line runs. */
  isStatic: boolean;
  /** What is imported: names, "default", or "*" for all. */
  names: string[];
};

/** A file that could not be transformed: esbuild's errors, with place and line. */
export type TransformFailed = { file: string; errors: Message[] };

/** What `require` is called in what we write, so that each call can be found again. */
export const REQUIRE = "__queueRunRequire";

const DATA_LOADERS: Record<string, Loader> = { ".json": "json", ".txt": "text" };

/** What a file is transformed by. */
type TransformSettings = { compilerOptions: CompilerOptions; packageType: "module" | "commonjs" };

/**
 * Turns one source file into JavaScript with an inline source map. `import.meta.url`, `import.meta.dirname`,
 * `__dirname` and `__filename` stay those of the source, wherever the result is written.
 *
 * @param file - absolute path
 * @throws when the file cannot be read
 */
export async function transformModule(
  file: string,
  settings: TransformSettings,
): Promise<TransformedModule | TransformFailed> {
  const source = readFileSync(file, "utf8");
  return transformHere(file, source, settings) ?? transformByEsbuild(file, source, settings);
}

/** @returns null for what esbuild has to transform */
function transformHere(
  file: string,
  source: string,
  { compilerOptions, packageType }: TransformSettings,
): TransformedModule | null {
  const extension = sourceExtension(file);
  if (!extension) return null;
  const made = transformInProcess(file, source, SOURCE_LANGUAGES[extension], compilerOptions);
  if (!made) return null;
  const { module, errors } = parseSync("module.js", made.code, { lang: "js", sourceType: "module" });
  const format = moduleFormat(file, module.hasModuleSyntax, packageType);
  if (errors.length > 0 || format !== "esm" || exportsTwice(module)) return null;
  const map = { ...made.map, sources: [pathToFileURL(file).href] };
  const url = `data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString("base64")}`;
  const code = `${made.code}//# sourceMappingURL=${url}\n`;
  return { file, source, format, code, imports: importsOf(module, code), usesRequire: false };
}

/** Node would refuse to load it; esbuild says where. */
function exportsTwice({ staticExports }: EcmaScriptModule): boolean {
  const names = staticExports.flatMap(({ entries }) =>
    entries.flatMap(({ exportName }) =>
      exportName.kind === "None" ? [] : [exportName.kind === "Default" ? "default" : exportName.name],
    ),
  );
  return new Set(names).size < names.length;
}

async function transformByEsbuild(
  file: string,
  source: string,
  { compilerOptions, packageType }: TransformSettings,
): Promise<TransformedModule | TransformFailed> {
  const extension = sourceExtension(file);
  const loader = extension ? SOURCE_LANGUAGES[extension] : DATA_LOADERS[extname(file)];
  const hasModuleSyntax = extension
    ? parseSync(file, source, { lang: SOURCE_LANGUAGES[extension] }).module.hasModuleSyntax
    : true;
  const format = moduleFormat(file, hasModuleSyntax, packageType);
  // Most projects' files do not need it, and its process takes longer to start than they all do.
  const { transform } = await import("esbuild");
  try {
    const { code } = await transform(source, {
      loader: loader ?? "text",
      ...(format === "esm" ? { format: "esm" as const } : {}),
      platform: "node",
      target: "node20.19",
      sourcemap: extension ? "inline" : false,
      sourcesContent: false,
      sourcefile: pathToFileURL(file).href,
      tsconfigRaw: { compilerOptions },
      define: definesFor(file),
      logLevel: "silent",
      supported: { "import-attributes": false },
    });
    return { file, source, format, code, ...findImports(code, format) };
  } catch (error) {
    const { errors } = error as TransformFailure;
    if (!Array.isArray(errors)) throw error;
    return { file, errors };
  }
}

function definesFor(file: string): Record<string, string> {
  const url = JSON.stringify(pathToFileURL(file).href);
  return {
    __dirname: JSON.stringify(dirname(file)),
    __filename: JSON.stringify(file),
    require: REQUIRE,
    "import.meta.url": url,
    "import.meta.dirname": JSON.stringify(dirname(file)),
    "import.meta.filename": JSON.stringify(file),
    "import.meta.resolve": `${REQUIRE}.importMetaResolve`,
  };
}

function findImports(code: string, format: ModuleFormat): { imports: ModuleImport[]; usesRequire: boolean } {
  const { module } = parseSync("module.js", code, {
    lang: "js",
    sourceType: format === "esm" ? "module" : "script",
  });
  const imports = importsOf(module, code);
  const usesRequire = code.includes(REQUIRE);
  if (usesRequire) {
    for (const match of code.matchAll(REQUIRE_CALL)) {
      const start = match.index + REQUIRE.length + 1;
      const quoted = match[1] ?? "";
      imports.push({
        specifier: quoted.slice(1, -1),
        kind: "require",
        start,
        end: start + quoted.length,
        isStatic: false,
        names: [],
      });
    }
  }
  return { imports: imports.sort((one, other) => one.start - other.start), usesRequire };
}

function importsOf(module: EcmaScriptModule, code: string): ModuleImport[] {
  const imports = [...staticImports(module), ...dynamicImports(module, code)];
  return imports.sort((one, other) => one.start - other.start);
}

const REQUIRE_CALL = new RegExp(`(?<![\\w$.])${REQUIRE}\\(("[^"\\\\\\n]*"|'[^'\\\\\\n]*')\\)`, "g");

function staticImports(module: EcmaScriptModule): ModuleImport[] {
  const imports = new Map<number, ModuleImport>();
  const add = (request: { value: string; start: number; end: number }, names: string[]) => {
    const { value: specifier, start, end } = request;
    const known = imports.get(start);
    if (known) known.names.push(...names);
    else imports.set(start, { specifier, kind: "import", start, end, isStatic: true, names });
  };
  for (const { moduleRequest, entries } of module.staticImports) {
    const names = entries.map(({ importName }) =>
      importName.kind === "Name" ? (importName.name ?? "*") : importName.kind === "Default" ? "default" : "*",
    );
    add(moduleRequest, names);
  }
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, importName } of entries) {
      if (moduleRequest) add(moduleRequest, [importName.kind === "Name" ? (importName.name ?? "*") : "*"]);
    }
  }
  return [...imports.values()];
}

function dynamicImports(module: EcmaScriptModule, code: string): ModuleImport[] {
  return module.dynamicImports.flatMap(({ moduleRequest: { start, end } }): ModuleImport[] => {
    const quoted = /^(["'`])([^"'`\\$]*)\1$/.exec(code.slice(start, end));
    if (!quoted?.[2]) return [];
    return [{ specifier: quoted[2], kind: "import", start, end, isStatic: false, names: [] }];
  });
}
