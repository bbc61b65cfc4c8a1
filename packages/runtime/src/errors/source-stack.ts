/** What is used of Node's SourceMap. */
type SourceMap = {
  findOrigin(line: number, column: number): { fileName?: string; lineNumber?: number; columnNumber?: number };
};

/** By the module's URL; null for modules without a map. */
const maps = new Map<string, SourceMap | null>();

const FRAME = /(file:\/\/[^\s()]+\.mjs):(\d+):(\d+)/g;

/**
 * The places of a stack in the files that a bundle was made of, by the source maps beside its modules. They are read
 * here, by the first error, since Node's own `--enable-source-maps` reads them all at each cold start.
 *
 * @param text - a stack, or any text that has one in it
 */
export function toSourceStack(text: string): string {
  if (!text.includes(".mjs:")) return text;
  return text.replace(FRAME, (frame: string, url: string, line: string, column: string) => {
    try {
      const origin = mapOf(url)?.findOrigin(Number(line), Number(column));
      if (!origin?.fileName) return frame;
      const path = decodeURIComponent(new URL(origin.fileName, url).pathname);
      return `${path}:${origin.lineNumber}:${origin.columnNumber}`;
    } catch {
      return frame;
    }
  });
}

function mapOf(url: string): SourceMap | null {
  let map = maps.get(url);
  if (map === undefined) {
    map = readMap(`${url}.map`);
    maps.set(url, map);
  }
  return map;
}

function readMap(url: string): SourceMap | null {
  try {
    const { readFileSync } = process.getBuiltinModule("node:fs");
    const { SourceMap } = process.getBuiltinModule("node:module");
    return new SourceMap(JSON.parse(readFileSync(new URL(url), "utf8"))) as unknown as SourceMap;
  } catch {
    return null;
  }
}
