import { createHash } from "node:crypto";
import { deflateSync, Zip, ZipPassThrough } from "fflate";

/** A file of a function's zip, by its path there: forward slashes, relative to the folder that the function runs in. */
export type ZipEntries = ReadonlyMap<string, ZipEntry>;

export type ZipEntry = { bytes: Uint8Array; executable: boolean };

/** Makes zips, and compresses what is in several of them once. */
export type Zipper = (entries: ZipEntries) => Uint8Array<ArrayBuffer>;

/**
 * The zips of one build. The same files give the same bytes on every machine: order and times are fixed, and the
 * compression is written in JavaScript (zlib's differs between processors). Lambda's own user can read all of it.
 */
export function createZipper(): Zipper {
  const compressed = new Map<string, Uint8Array<ArrayBuffer>>();
  const compress = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => {
    const hash = createHash("sha256").update(bytes).digest("base64");
    const known = compressed.get(hash);
    if (known) return known;
    const made = deflateSync(bytes, { level: COMPRESSION_LEVEL });
    compressed.set(hash, made);
    return made;
  };
  return (entries) => {
    const pieces: Uint8Array[] = [];
    const zip = new Zip((error, piece) => {
      if (error) throw error;
      pieces.push(piece);
    });
    for (const path of [...entries.keys()].sort(byCodeUnits)) {
      const entry = entries.get(path);
      if (!entry) continue;
      const file = new WholeFile(path, entry.executable, compress);
      zip.add(file);
      file.push(new Uint8Array(entry.bytes), true);
    }
    zip.end();
    return new Uint8Array(Buffer.concat(pieces));
  };
}

/** One zip alone. */
export function zipFiles(entries: ZipEntries): Uint8Array<ArrayBuffer> {
  return createZipper()(entries);
}

/** Lambda's CodeSha256 of a zip: base64 of its SHA-256. Lambda API Reference, FunctionConfiguration. */
export function codeSha256Of(zip: Uint8Array): string {
  return createHash("sha256").update(zip).digest("base64");
}

/** Beyond 6, zips take twice as long and are hardly smaller. */
const COMPRESSION_LEVEL = 6;
/** DEFLATE, and who made the file attributes, as zips number them. APPNOTE.TXT, 4.4.5 and 4.4.2. */
const DEFLATE = 8;
const UNIX = 3;
const REGULAR_FILE = 0o100000;

/** A file that is pushed in one piece. */
class WholeFile extends ZipPassThrough {
  readonly #compress: (bytes: Uint8Array) => Uint8Array<ArrayBuffer>;

  constructor(path: string, executable: boolean, compress: (bytes: Uint8Array) => Uint8Array<ArrayBuffer>) {
    super(path);
    this.#compress = compress;
    this.compression = DEFLATE;
    this.os = UNIX;
    // The upper half of a zip's external file attributes is the mode of Unix.
    this.attrs = (REGULAR_FILE | (executable ? 0o755 : 0o644)) * 0x10000;
    // Zips keep local time without a zone, so this is the same everywhere: midday, which every zone has on every day.
    this.mtime = new Date(1980, 0, 1, 12, 0, 0);
  }

  protected override process(bytes: Uint8Array, final: boolean): void {
    this.ondata(null, this.#compress(bytes), final);
  }
}

function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
