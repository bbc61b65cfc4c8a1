import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type BuiltProject, readBuiltProject, writeBuiltProject } from "../build/built-project.js";
import { formatProblem, ProjectProblemsError } from "../errors/project-errors.js";
import { prepareOutputFolder } from "../project/output-folder.js";
import type { StartLog } from "./start-log.js";
import type { StartOptions } from "./start-options.js";

/** A project that can run, and the end of what was made for it. */
export type OpenedProject = { project: BuiltProject; dispose(): void };

const DEFAULT_STAGE = "prod";

/**
 * Reads a built project, or builds the sources into a folder of this process's own.
 *
 * @throws QueueRunError `QR_NO_BUILD`; ProjectProblemsError
 */
export async function openProject(options: StartOptions, log: StartLog): Promise<OpenedProject> {
  const opened = await open(options, log);
  if (opened.project.functions.has("socket"))
    log.line(
      "WARN",
      "WebSockets are not served here: deploy the project, and its socket is API Gateway's. Set QUEUE_RUN_SOCKET_URL and QUEUE_RUN_TABLE to those of the stage, and handlers here send to its connections",
    );
  return opened;
}

async function open(options: StartOptions, log: StartLog): Promise<OpenedProject> {
  if (options.build !== null) {
    const project = readBuiltProject(options.build);
    const stage = options.stage ?? project.stage;
    if (stage !== project.stage)
      log.line(
        "WARN",
        `${options.build} was built for the stage ${project.stage}: queue-run.config.ts was not asked what it says for ${stage}`,
      );
    return { project: { ...project, stage }, dispose: () => {} };
  }
  const stage = options.stage ?? DEFAULT_STAGE;
  const [{ readProject }, { bundleFunctions }] = await Promise.all([
    import("../project/read-project.js"),
    import("../build/bundle-functions.js"),
  ]);
  const reading = await readProject(options.root, { stage });
  if ("problems" in reading) throw new ProjectProblemsError(reading.problems);
  for (const warning of reading.warnings) log.line("WARN", formatProblem(warning));
  const folder = ownFolder(options.root);
  const bundles = await bundleFunctions(reading.manifest, folder);
  writeBuiltProject(reading.manifest, stage, bundles, folder);
  return {
    project: readBuiltProject(folder),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** `.queue-run/start/PID`, so that two processes do not replace each other's code. Those of the dead are removed. */
function ownFolder(root: string): string {
  const parent = join(prepareOutputFolder(root), "start");
  for (const name of namesIn(parent))
    if (!isAlive(Number(name))) rmSync(join(parent, name), { recursive: true, force: true });
  return join(parent, String(process.pid));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
