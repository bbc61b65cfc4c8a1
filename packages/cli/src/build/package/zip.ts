import { createHash } from "node:crypto";
import { type Zippable, zipSync } from "fflate";

/** A file of a function's zip, by its path there: forward slashes, relative to the folder that the function runs in. */
export type ZipEntries = ReadonlyMap<string, ZipEntry>;

export type ZipEntry = { bytes: Uint8Array; executable: boolean };

/**
 * Compresses files into a zip. The same files give the same bytes on every machine: order and times are fixed, and the
 * compression is JavaScript's own (zlib's differs between processors). Lambda's own user can read all of it.
 */
export function zipFiles(entries: ZipEntries): Uint8Array<ArrayBuffer> {
  const files: Zippable = {};
  for (const path of [...entries.keys()].sort(byCodeUnits)) {
    const entry = entries.get(path);
    if (entry) files[path] = [entry.bytes, { attrs: unixMode(entry.executable ? 0o755 : 0o644) }];
  }
  return zipSync(files, { level: COMPRESSION_LEVEL, mtime: fixedTime(), os: UNIX });
}

/** Lambda's CodeSha256 of a zip: base64 of its SHA-256. Lambda API Reference, FunctionConfiguration. */
export function codeSha256Of(zip: Uint8Array): string {
  return createHash("sha256").update(zip).digest("base64");
}

/** Beyond 6, zips take twice as long and are hardly smaller. */
const COMPRESSION_LEVEL = 6;
/** Who made the file attributes, as zips number it. APPNOTE.TXT, "version made by". */
const UNIX = 3;
const REGULAR_FILE = 0o100000;

/** Zips keep local time without a zone, so this is the same everywhere: midday, which every zone has on every day. */
function fixedTime(): Date {
  return new Date(1980, 0, 1, 12, 0, 0);
}

/** The upper half of a zip's external file attributes is the mode of Unix. */
function unixMode(permissions: number): number {
  return (REGULAR_FILE | permissions) * 0x10000;
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
