import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { FunctionBundle } from "./function-bundle.js";

/** A bundle with what its JavaScript takes when it is compressed. */
export type SizedBundle = FunctionBundle & {
  /** Of each file alone, source maps left out. */
  gzipBytes: number;
};

/** Compresses what was written; files that are in several bundles once. */
export function withCompressedSizes(bundles: readonly FunctionBundle[]): SizedBundle[] {
  const known = new Map<string, number>();
  const sizeOf = (path: string): number => {
    const bytes = readFileSync(path);
    const key = bytes.toString("latin1");
    const size = known.get(key) ?? gzipSync(bytes).length;
    known.set(key, size);
    return size;
  };
  return bundles.map((bundle) => ({
    ...bundle,
    gzipBytes: bundle.files
      .filter((name) => !name.endsWith(".map"))
      .reduce((sum, name) => sum + sizeOf(join(dirname(bundle.file), name)), 0),
  }));
}
