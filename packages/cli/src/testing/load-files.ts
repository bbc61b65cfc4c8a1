import { join } from "node:path";
import { createProjectCode } from "../dev/project-code.js";
import { loadModule } from "../dev/worker/load-module.js";
import { prepareOutputFolder } from "../project/output-folder.js";
import type { LoadFile } from "./functions.js";

/**
 * Loads a project's files as development does: built one by one into .queue-run/test, which Node loads them from.
 *
 * @param external - of queue-run.config.ts
 */
export function loadBuiltFiles(root: string, external: readonly string[]): LoadFile {
  const outDir = join(prepareOutputFolder(root), "test");
  const start = async () => {
    const { createDevModules } = await import("../build/dev-modules.js");
    return createDevModules({ root, outDir, external });
  };
  const code = createProjectCode(start, () => {});
  return async (file) => {
    process.setSourceMapsEnabled(true);
    return loadModule(await code.moduleUrl(file));
  };
}
