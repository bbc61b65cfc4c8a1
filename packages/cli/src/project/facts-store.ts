import { readFileSync, type Stats, statSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { OUTPUT_FOLDER, prepareOutputFolder } from "./output-folder.js";
import type { SourceFacts } from "./source-facts.js";

/** A file's facts, and what the file was when they were read. */
export type StampedFacts = { stamp: string; facts: SourceFacts };

/** From the root. Only saves time: it may be removed, and is not believed of a file that is not as it was. */
const STORE_FILE = `${OUTPUT_FOLDER}/cache/facts.json`;
/** Below this many files, reading them again takes no longer than reading what was kept. */
const MIN_FILES = 50;

/** What changes whenever a file is written, moved or replaced, even when its modification time is set back. */
export function stampOf({ mtimeMs, ctimeMs, size, ino }: Stats): string {
  return `${mtimeMs}:${ctimeMs}:${size}:${ino}`;
}

/**
 * What an earlier run kept.
 *
 * @returns facts by the file's path from the root; empty when nothing was kept, or by another version of this code
 */
export function loadFacts(root: string): Map<string, StampedFacts> {
  try {
    const kept: { reader: string; files: [string, StampedFacts][] } = JSON.parse(
      readFileSync(join(root, STORE_FILE), "utf8"),
    );
    return kept.reader === readerVersion() ? new Map(kept.files) : new Map();
  } catch {
    return new Map();
  }
}

/** Keeps facts for the next run. Never rejects: without them, the next run reads the files. */
export async function saveFacts(root: string, files: ReadonlyMap<string, StampedFacts>): Promise<void> {
  if (files.size < MIN_FILES) return;
  try {
    const path = join(root, STORE_FILE);
    const temporary = `${path}.${process.pid}.tmp`;
    prepareOutputFolder(root);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, JSON.stringify({ reader: readerVersion(), files: [...files] }));
    await rename(temporary, path);
  } catch {
    // A folder that cannot be written to costs time, nothing else.
  }
}

/** This code reads facts as no other version does. */
function readerVersion(): string {
  const self = fileURLToPath(import.meta.url);
  return `${self}:${stampOf(statSync(self))}`;
}
