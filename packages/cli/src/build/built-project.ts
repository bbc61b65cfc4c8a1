import { readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { noBuildError } from "../errors/start-errors.js";
import type { Manifest } from "../project/manifest.js";
import type { FunctionBundle } from "./function-bundle.js";

/** A project that was built: what can run without its sources. */
export type BuiltProject = Pick<Manifest, "name" | "settings" | "queues" | "routes"> & {
  /** The stage that queue-run.config.ts was asked for. */
  stage: string;
  /** Ids ("api", "queue:emails") with the absolute path of the module that exports each one's `handler`. */
  functions: ReadonlyMap<string, string>;
};

type Stored = Omit<BuiltProject, "functions"> & { version: 1; functions: { id: string; file: string }[] };

/** Beside the folders of functions, in none of them: nothing of it is deployed. */
const FILE = "project.json";

/**
 * Writes down what `queue-run start --build DIR` needs to know of the project.
 *
 * @param outDir - absolute: where its functions were bundled into
 */
export function writeBuiltProject(
  { name, settings, queues, routes }: Manifest,
  stage: string,
  bundles: readonly FunctionBundle[],
  outDir: string,
): void {
  const functions = bundles.map(({ id, file }) => ({
    id,
    file: relative(outDir, file).replaceAll(sep, "/"),
  }));
  const stored: Stored = { version: 1, name, stage, settings, queues, routes, functions };
  writeFileSync(join(outDir, FILE), `${JSON.stringify(stored, null, 2)}\n`);
}

/**
 * @param folder - absolute: where `queue-run build` has written to
 * @throws QueueRunError `QR_NO_BUILD`
 */
export function readBuiltProject(folder: string): BuiltProject {
  let stored: Stored;
  try {
    stored = JSON.parse(readFileSync(join(folder, FILE), "utf8")) as Stored;
  } catch (error) {
    throw noBuildError(folder, error);
  }
  if (stored.version !== 1) throw noBuildError(folder);
  const functions = stored.functions.map(({ id, file }) => [id, resolve(folder, file)] as const);
  return { ...stored, functions: new Map(functions) };
}
