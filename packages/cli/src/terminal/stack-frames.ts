import { sep } from "node:path";
import { fileURLToPath } from "node:url";

/** A place in a source file. */
export type SourcePlace = { file: string; line: number; column: number };

const FRAME = /^\s*at (?:(.*?) \()?((?:file:\/\/)?[^()]+?):(\d+):(\d+)\)?$/;

/**
 * The frames of a stack that belong to the project's own files, innermost first.
 *
 * @param root - the project's folder, absolute
 */
export function projectFrames(stack: string, root: string): (SourcePlace & { name: string | null })[] {
  const frames: (SourcePlace & { name: string | null })[] = [];
  for (const line of stack.split("\n")) {
    const match = FRAME.exec(line);
    if (!match?.[2]) continue;
    const file = toPath(match[2]);
    if (!file.startsWith(root + sep) || file.includes("/node_modules/") || file.includes("\\node_modules\\"))
      continue;
    if (file.slice(root.length + 1).startsWith(".queue-run")) continue;
    frames.push({ name: match[1] ?? null, file, line: Number(match[3]), column: Number(match[4]) });
  }
  return frames;
}

function toPath(place: string): string {
  try {
    return place.startsWith("file://") ? fileURLToPath(place) : place;
  } catch {
    return place;
  }
}
