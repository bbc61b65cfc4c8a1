import { FIFO_SUFFIX, isFifoName, queueNameProblem } from "@queue-run/runtime/names";
import type { Problem, QueueDefinition } from "./manifest.js";
import { problem } from "./problem.js";
import { stemOf } from "./project-files.js";
import { readQueueSettings } from "./queue-settings.js";
import { rememberByFacts } from "./remember-by-facts.js";
import { type SettingDefaults, settingOf } from "./setting-source.js";
import type { ExportFact, SourceFacts } from "./source-facts.js";

const DEAD_LETTER_SUFFIX = "-dlq";
/** Exports of a queue file that are not jobs. */
const RESERVED_EXPORTS = new Set(["default", "batch", "queue", "config", "schema"]);

/**
 * Makes the definition of each queue file.
 *
 * @param files - paths of the files directly in queues/
 * @param defaults - `queues` of queue-run.config.ts
 * @param problems - what is wrong is added here
 */
export function defineQueues(
  files: readonly string[],
  facts: ReadonlyMap<string, SourceFacts>,
  defaults: SettingDefaults | null,
  problems: Problem[],
): QueueDefinition[] {
  const queues: QueueDefinition[] = [];
  for (const file of files) {
    const name = stemOf(file) ?? file;
    checkName(name, isFifoName(name), file, problems);
    const known = facts.get(file);
    if (!known || known.syntaxError) continue;
    queues.push(defineQueue(file, known, defaults, problems));
  }
  checkSharedNames(queues, problems);
  return queues;
}

const defineQueue = rememberByFacts(
  (file, facts, defaults: SettingDefaults | null, problems): QueueDefinition => {
    const name = stemOf(file) ?? file;
    const fifo = isFifoName(name);
    const { jobs, batch } = readJobs(file, facts, problems);
    const { batchWindow, ...others } = defaults ?? {};
    const apply = fifo ? others : defaults;
    const settings = readQueueSettings(settingOf(file, "config", facts, problems, apply), fifo);
    return { name, fifo, file, jobs, batch, settings };
  },
);

function checkName(name: string, fifo: boolean, file: string, problems: Problem[]): void {
  const invalid = queueNameProblem(name);
  const base = fifo ? name.slice(0, -FIFO_SUFFIX.length) : name;
  if (invalid !== null) {
    const fix = "Rename the file: letters, digits, - and _, then .fifo for a FIFO queue.";
    problems.push(problem("QR_INVALID_QUEUE_NAME", file, null, `The queue's name ${invalid}.`, fix));
  } else if (base.endsWith(DEAD_LETTER_SUFFIX)) {
    const message = `A name that ends in ${DEAD_LETTER_SUFFIX} is the name of another queue's dead-letter queue.`;
    const fix = `Rename the file so that it does not end in ${DEAD_LETTER_SUFFIX}.`;
    problems.push(problem("QR_INVALID_QUEUE_NAME", file, null, message, fix));
  }
}

function readJobs(file: string, facts: SourceFacts, problems: Problem[]): { jobs: string[]; batch: boolean } {
  const byName = new Map(facts.exports.map((fact) => [fact.name, fact]));
  for (const at of facts.starExports) {
    problems.push(
      problem(
        "QR_STAR_EXPORT",
        file,
        at,
        "The jobs of a queue must be known without running it; export * hides their names.",
        'Name what you export: export { processUser } from "./_jobs.js".',
      ),
    );
  }
  const main = byName.get("default");
  const batch = byName.get("batch");
  for (const fact of [main, batch]) {
    if (fact?.kind === "value") {
      problems.push(
        problem(
          "QR_NOT_A_HANDLER",
          file,
          fact.at,
          `The export ${fact.name} is not a function.`,
          "Export the function that handles a job.",
        ),
      );
    }
  }
  if (main && batch) {
    problems.push(
      problem(
        "QR_BATCH_AND_DEFAULT",
        file,
        batch.at,
        "The file exports both default and batch, and a default job can go to one of them only.",
        "Keep batch to handle many jobs in one call, or default to handle one.",
      ),
    );
  }
  const named = facts.exports.filter((fact) => isNamedJob(fact)).map(({ name }) => name);
  const jobs = main || batch ? ["default", ...named] : named;
  if (jobs.length === 0 && facts.starExports.length === 0) {
    const nothing = facts.exports.length === 0;
    problems.push(
      problem(
        "QR_NO_HANDLER",
        file,
        null,
        nothing
          ? "The file exports nothing, so no job can run."
          : "The file exports no function that handles a job.",
        "Add export default async function (payload, metadata) { … }. A file that is not a queue: start its name with _ or move it out of queues/.",
      ),
    );
  }
  return { jobs, batch: batch !== undefined };
}

function isNamedJob({ name, kind, queue }: ExportFact): boolean {
  return !RESERVED_EXPORTS.has(name) && kind !== "value" && queue === null;
}

function checkSharedNames(queues: QueueDefinition[], problems: Problem[]): void {
  const byName = new Map<string, QueueDefinition>();
  const byFunction = new Map<string, QueueDefinition>();
  for (const queue of queues) {
    const functionName = queue.name.replaceAll(".", "-");
    const same = byName.get(queue.name);
    const alike = byFunction.get(functionName);
    if (same) {
      problems.push(
        problem(
          "QR_DUPLICATE_QUEUE",
          queue.file,
          null,
          `${same.file} is the queue ${queue.name} too.`,
          "Rename or remove one of them.",
        ),
      );
    } else if (alike) {
      problems.push(
        problem(
          "QR_DUPLICATE_PHYSICAL_NAME",
          queue.file,
          null,
          `The functions of this queue and of ${alike.file} would both be called PROJECT-STAGE-queue-${functionName}: in a function's name a dot becomes -.`,
          "Rename one of them.",
        ),
      );
    }
    byName.set(queue.name, same ?? queue);
    byFunction.set(functionName, alike ?? queue);
  }
}
