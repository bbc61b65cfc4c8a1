import { resolve, sep } from "node:path";
import { ProjectProblemsError } from "../errors/project-errors.js";
import { createSeededRandom } from "../local-sqs/broker/random.js";
import { readProject } from "../project/read-project.js";
import { type Chaos, createChaos } from "./chaos.js";
import type { LoadFile } from "./functions.js";
import { loadBuiltFiles } from "./load-files.js";
import { changeProcess } from "./process-changes.js";
import { BASE_URL, toTestProject } from "./project-handle.js";
import { runProject } from "./running-project.js";
import type { StartOptions, TestProject } from "./test-project.js";
import { timeInMs } from "./time-span.js";

export type { ChaosOptions, InjectedFault } from "./chaos-options.js";
export type { ProjectClock } from "./project-clock.js";
export type {
  DeadLetteredJob,
  DrainReport,
  JobRun,
  PushedJob,
  StartOptions,
  TestProject,
} from "./test-project.js";
export type { TimeSpan } from "./time-span.js";

/** What runs the tests, as far as a project needs to know. */
export type TestRunner = {
  /** The project's folder. */
  root?: string;
  /** Loads a file as the tests' own imports do. @param file - absolute */
  load?: (file: string) => Promise<Record<string, unknown>>;
  /** Calls back when the test that is running has failed. @throws where none is running */
  onTestFailed?: (callback: () => void) => void;
};

/** The one that runs in this process: the runtime serves one project at a time. */
let current: { stop: (because: "replaced") => Promise<void> } | null = null;

/**
 * Starts the project inside of this process: no port, no file but what is built, no other process.
 *
 * @throws QueueRunError with every problem of the project's files
 */
export const startProject: (options?: StartOptions) => Promise<TestProject> = projectStarter({});

/** Makes `startProject` for tests that something runs. */
export function projectStarter(runner: TestRunner): (options?: StartOptions) => Promise<TestProject> {
  return async (options = {}) => {
    await current?.stop("replaced");
    const root = resolve(options.root ?? runner.root ?? ".");
    const reading = await readProject(root, { stage: "test" });
    if ("problems" in reading) throw new ProjectProblemsError(reading.problems);
    const { manifest } = reading;
    const load = runner.load
      ? loadWith(runner.load, root)
      : loadBuiltFiles(root, manifest.settings.external ?? []);
    const chaos = createChaos(options.chaos ?? false, newSeed);
    if (chaos) tellSeed(chaos, runner);
    const running = await runProject(manifest, {
      load,
      startMs: options.now === undefined ? Date.now() : timeInMs(options.now),
      random: createSeededRandom(chaos?.seed ?? newSeed()).next,
      chaos,
      baseUrl: BASE_URL,
      print: options.quiet ? null : (line, ...details) => console.error(line, ...details),
    });
    const takeBack = changeProcess({
      instance: running.instance,
      env: {
        ...withoutKnown(manifest.settings.env ?? {}),
        ...options.env,
        QUEUE_RUN_STAGE: "test",
        QUEUE_RUN_URL: BASE_URL,
      },
      now: options.fakeDate ? running.clock.now : null,
    });
    const started = toTestProject(running, chaos, manifest, () => {
      if (current === started) current = null;
      takeBack();
    });
    current = started;
    return started.project;
  };
}

function newSeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}

function loadWith(load: NonNullable<TestRunner["load"]>, root: string): LoadFile {
  return (file) => load(resolve(root, file).replaceAll(sep, "/"));
}

/** The shell's variables have precedence over the project's. */
function withoutKnown(env: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => process.env[name] === undefined));
}

/** A test that failed because of what went wrong can be run again, with the same going wrong. */
function tellSeed({ seed }: Chaos, { onTestFailed }: TestRunner): void {
  const tell = (): void =>
    console.error(
      `The chaos of this test has the seed ${seed}: with chaos: { seed: ${seed} } the same goes wrong again.`,
    );
  try {
    if (onTestFailed) onTestFailed(tell);
    else tell();
  } catch {
    // No test is running: the project is started for several.
    tell();
  }
}
