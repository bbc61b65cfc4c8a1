/** What files may be routes, queues, schedules and middleware; esbuild's loader and oxc's language for each. */
export const SOURCE_LANGUAGES = {
  ".ts": "ts",
  ".tsx": "tsx",
  ".mts": "ts",
  ".cts": "ts",
  ".js": "js",
  ".jsx": "jsx",
  ".mjs": "js",
  ".cjs": "js",
} as const satisfies Record<string, "ts" | "tsx" | "js" | "jsx">;

/** An extension of SOURCE_LANGUAGES. */
export type SourceExtension = keyof typeof SOURCE_LANGUAGES;

/** Extensions in the order in which an import without one is tried. */
export const SOURCE_EXTENSIONS = Object.keys(SOURCE_LANGUAGES) as SourceExtension[];

/** @returns the extension when `file` is a source file (declarations are not), else null */
export function sourceExtension(file: string): SourceExtension | null {
  const match = /\.(?:[cm]?[jt]s|[jt]sx)$/.exec(file);
  if (!match || /\.d\.(?:[^.]+\.)?[cm]?ts$/.test(file)) return null;
  return match[0] as SourceExtension;
}
