import type { ProjectConfig } from "@queue-run/runtime/config";
import { buildManifest, type ProjectReading } from "./build-manifest.js";
import type { Manifest, Problem } from "./manifest.js";
import { PROJECT_FOLDERS, sortProjectFiles } from "./project-files.js";
import { RUNTIME_ONLY_ROUTE_SETTINGS } from "./route-settings.js";
import { readSourceFacts } from "./source-facts.js";

/**
 * For tests: what is understood of files that are nowhere on disk.
 *
 * @param files - text by path
 */
export function understandFiles(files: Record<string, string>, config: ProjectConfig = {}): ProjectReading {
  const folders = PROJECT_FOLDERS.filter((folder) =>
    Object.keys(files).some((path) => path.startsWith(`${folder}/`)),
  );
  const facts = new Map(
    Object.entries(files).map(([path, text]) => {
      const runtimeOnly = path.startsWith("api/") ? RUNTIME_ONLY_ROUTE_SETTINGS : new Set<string>();
      return [path, readSourceFacts(path, text, runtimeOnly)] as const;
    }),
  );
  const sorted = sortProjectFiles(Object.keys(files), folders);
  return buildManifest({ root: "/project", files: sorted, facts, packageName: "project", config });
}

/** For tests: the manifest of files that have no problem. */
export function manifestOf(files: Record<string, string>, config?: ProjectConfig): Manifest {
  const reading = understandFiles(files, config);
  if ("problems" in reading)
    throw new Error(reading.problems.map(({ file, message }) => `${file}: ${message}`).join("\n"));
  return reading.manifest;
}

/** For tests: what is wrong with files. */
export function problemsOf(files: Record<string, string>, config?: ProjectConfig): Problem[] {
  const reading = understandFiles(files, config);
  return "problems" in reading ? reading.problems : [];
}
