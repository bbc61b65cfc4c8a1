import { ProjectProblemsError } from "../../errors/project-errors.js";
import { toPortableError } from "../worker/portable-error.js";
import type { PortableError, ToWorker } from "../worker/protocol.js";

/** The module of a source file, made if it is not there yet. */
export type ModuleUrl = (file: string) => Promise<string>;

type Preload = Extract<ToWorker, { type: "preload" }>;
type ModuleAnswer = Extract<ToWorker, { type: "module" }>;

/** Answers a worker that asks for a file's module. Never rejects. */
export async function answerModule(
  moduleUrl: ModuleUrl,
  { request, file }: { request: number; file: string },
): Promise<ModuleAnswer> {
  try {
    return { type: "module", request, url: await moduleUrl(file), error: null };
  } catch (thrown) {
    return { type: "module", request, url: null, error: toModuleError(thrown) };
  }
}

/**
 * What a worker may load before it asks: a message less each way between a save and the new behaviour.
 *
 * @param files - that were just saved, in the order in which an event would load them
 * @returns null when one of them cannot be loaded: the first event that needs it will say why
 */
export async function preloadOf(moduleUrl: ModuleUrl, files: string[]): Promise<Preload | null> {
  try {
    const modules = await Promise.all(files.map(async (file) => ({ file, url: await moduleUrl(file) })));
    return { type: "preload", modules };
  } catch {
    return null;
  }
}

function toModuleError(thrown: unknown): PortableError {
  const error = toPortableError(thrown);
  if (!(thrown instanceof ProjectProblemsError)) return error;
  return { ...error, stack: null, fix: "Save the file when it is mended: the next event loads it again." };
}
