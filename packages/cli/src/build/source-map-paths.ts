import { relative, resolve, sep } from "node:path";

/**
 * Changes a source map's relative sources for a map that stands elsewhere.
 *
 * @param from - absolute path of the folder that they are relative to
 * @param to - absolute path of the folder that they shall be relative to
 */
export function moveSources(map: Uint8Array, from: string, to: string): Uint8Array {
  const parsed: { sources: string[] } = JSON.parse(Buffer.from(map).toString("utf8"));
  const sources = parsed.sources.map((source) =>
    /^[a-z][a-z-]+:/.test(source) ? source : relative(to, resolve(from, source)).replaceAll(sep, "/"),
  );
  return Buffer.from(JSON.stringify({ ...parsed, sources }));
}
