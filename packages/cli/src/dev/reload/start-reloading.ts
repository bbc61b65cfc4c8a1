import { readFileSync } from "node:fs";
import { realClock } from "../../clock/real-clock.js";
import type { Reporter } from "../../terminal/reporter.js";
import { collectChanges } from "./collect-changes.js";
import { createReload, type ReloadPorts } from "./reload.js";
import { watchFiles } from "./watch-files.js";

/** Takes up what is saved. */
export type Reloading = {
  /** Also watches files that the project's code reaches. */
  reach: (files: string[]) => void;
  /** Takes up what changed since watching began, and whatever changes from now on. */
  begin: (ports: Omit<ReloadPorts, "root" | "reporter" | "textOf" | "now">) => void;
  stop: () => void;
};

/** Begins to watch a project's files, before they are read, so that no change is missed. */
export function startReloading(root: string, reporter: Reporter): Reloading {
  let reload: ((files: string[]) => Promise<void>) | null = null;
  const early = new Set<string>();
  const changes = collectChanges({ clock: realClock, soon: setImmediate }, async (files) => {
    if (reload) await reload(files);
    else for (const file of files) early.add(file);
  });
  const watcher = watchFiles(root, changes.changed, (error) =>
    reporter.warning(
      `Saved files are not noticed: ${error instanceof Error ? error.message : String(error)}`,
    ),
  );
  return {
    reach: watcher.add,
    begin(ports) {
      reload = createReload({ ...ports, root, reporter, textOf, now: () => performance.now() });
      for (const file of early) changes.changed(file);
    },
    stop() {
      changes.stop();
      watcher.close();
    },
  };
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    // Removed, or not there yet.
    return null;
  }
}
