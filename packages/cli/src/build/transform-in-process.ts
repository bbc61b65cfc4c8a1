import { type Comment, parseSync } from "oxc-parser";
import { transformSync } from "oxc-transform";
import type { SOURCE_LANGUAGES } from "../project/source-language.js";
import type { CompilerOptions } from "./compiler-options.js";

/** A source map as it is written into a file, of one source. */
type SourceMap = { version: number; sources: string[]; names: string[]; mappings: string };

/**
 * What esbuild does otherwise than oxc, or what oxc does not do: bindings of CommonJS and of `import.meta`, which have to
 * be replaced; enums, namespaces, `accessor`, `using`; `import x = …`, `export =`, import attributes; lists of exports,
 * of which esbuild drops what is only a type; parameter properties, which it orders otherwise; JSX pragmas. Words in
 * comments and texts count too: that costs milliseconds, never correctness.
 */
const LEFT_TO_ESBUILD = new RegExp(
  [
    /\b(?:require|__dirname|__filename|enum|namespace|accessor)\b/,
    /\bimport\s*\.\s*meta\b/,
    /\b(?:module|using)\s+[\w$."'{[]/,
    /\b(?:with|assert)\s*[{:(]/,
    /\bimport\s*\{\s*\}/,
    /\bexport\s*(?:type\s*)?\{[^}]*\}(?!\s*from\b)/,
    /\bexport\s*=|\bimport\s+(?:type\s+)?[\w$]+\s*=/,
    /\bconstructor\s*\([\s\S]*?\b(?:public|private|protected|readonly|override)\b/,
    /@jsx|[#@]\s*source(?:Mapping)?URL/,
  ]
    .map(({ source }) => source)
    .join("|"),
);

/** Where a decorator may begin: never straight after a word or a quote, as "@scope/name" does. */
const PERHAPS_DECORATORS = /(?<![\w$"'`])@/g;

/** The targets of a tsconfig.json that leave class fields as they are. */
const KEEPS_CLASS_FIELDS = /^es(?:202[2-9]|next)$/i;

/**
 * Turns an ES module into JavaScript, if it is of the usual kind, of which this is known to give what esbuild gives; in a
 * fraction of a millisecond, where esbuild's process is asked in several.
 *
 * @param file - absolute path
 * @returns null for everything else, for what has an error, and for what turns out to be CommonJS
 */
export function transformInProcess(
  file: string,
  source: string,
  language: (typeof SOURCE_LANGUAGES)[keyof typeof SOURCE_LANGUAGES],
  compilerOptions: CompilerOptions,
): { code: string; map: SourceMap } | null {
  if (!areUsual(compilerOptions, language) || LEFT_TO_ESBUILD.test(source)) return null;
  if (mayHaveDecorators(file, source, language)) return null;
  const { code, map, errors, helpersUsed } = transformSync(file, source, {
    lang: language,
    sourceType: "module",
    target: "node20.19",
    sourcemap: true,
    jsx: { runtime: "automatic", pure: false, importSource: compilerOptions.jsxImportSource ?? "react" },
    typescript: { onlyRemoveTypeImports: compilerOptions.verbatimModuleSyntax === true },
  });
  // Its errors are not told: esbuild finds its own, and allows a few things more.
  if (errors.length > 0 || Object.keys(helpersUsed ?? {}).length > 0 || !map) return null;
  const { version, sources, names, mappings } = map;
  return { code, map: { version, sources, names, mappings } };
}

function areUsual(options: CompilerOptions, language: string): boolean {
  const { jsx, target, useDefineForClassFields, preserveValueImports, importsNotUsedAsValues } = options;
  if (preserveValueImports !== undefined || importsNotUsedAsValues !== undefined) return false;
  if (language.endsWith("x") && jsx !== "react-jsx") return false;
  if (useDefineForClassFields !== undefined) return useDefineForClassFields;
  return target === undefined || KEEPS_CLASS_FIELDS.test(target);
}

function mayHaveDecorators(file: string, source: string, lang: "js" | "jsx" | "ts" | "tsx"): boolean {
  let comments: Comment[] | null = null;
  for (const { index } of source.matchAll(PERHAPS_DECORATORS)) {
    comments ??= parseSync(file, source, { lang }).comments;
    if (!comments.some(({ start, end }) => start <= index && index < end)) return true;
  }
  return false;
}
