import { dirname, resolve, sep } from "node:path";
import { decode, encode, type SourceMapSegment } from "@jridgewell/sourcemap-codec";
import type { BundleResult } from "./bundle-options.js";
import { runtimeFolder } from "./taken-modules.js";

/** A source map as esbuild writes it. ECMA-426. */
type SourceMap = { sources: string[]; names: string[]; mappings: string };

/**
 * Takes the runtime's own modules out of a bundle's source maps: they are most of what a map says, nobody looks for
 * their places, and every function would be uploaded with them.
 */
export function withoutRuntimeMappings<R extends BundleResult>(result: R): R {
  const runtime = runtimeFolder() + sep;
  const outputFiles = result.outputFiles.map((file) => {
    if (!file.path.endsWith(".map")) return file;
    const map: SourceMap = JSON.parse(file.text);
    const isKept = map.sources.map((source) => !resolve(dirname(file.path), source).startsWith(runtime));
    if (isKept.every(Boolean)) return file;
    const text = JSON.stringify({ ...map, ...keptMappings(map, isKept) });
    return { ...file, text, contents: Buffer.from(text) };
  });
  return { ...result, outputFiles };
}

/** @param isKept - by index of source */
function keptMappings({ sources, names, mappings }: SourceMap, isKept: readonly boolean[]): SourceMap {
  const newSource = numbering();
  const newName = numbering();
  const lines = decode(mappings).map((segments) => {
    const kept: SourceMapSegment[] = [];
    for (const segment of segments) {
      if (segment.length !== 1 && isKept[segment[1]]) {
        const [column, source, sourceLine, sourceColumn, name] = segment;
        const place = [column, newSource(source), sourceLine, sourceColumn] as const;
        kept.push(name === undefined ? [...place] : [...place, newName(name)]);
      } else if (kept.at(-1)?.length !== 1) {
        // What comes from here on belongs to no source; without this it would belong to the one before.
        kept.push([segment[0]]);
      }
    }
    return kept;
  });
  return {
    sources: newSource.order.map((index) => sources[index] ?? ""),
    names: newName.order.map((index) => names[index] ?? ""),
    mappings: encode(lines),
  };
}

/** Numbers what is used in the order of its first use. */
function numbering(): { (old: number): number; order: number[] } {
  const known = new Map<number, number>();
  const order: number[] = [];
  const numberOf = (old: number): number => {
    const number = known.get(old) ?? order.push(old) - 1;
    known.set(old, number);
    return number;
  };
  return Object.assign(numberOf, { order });
}
