import type { Command } from "commander";
import { TYPES_FILE, writeTypes } from "../build/type-declarations.js";
import { ProjectProblemsError } from "../errors/project-errors.js";
import { readProject } from "../project/read-project.js";
import type { CommandIo, GlobalOptions } from "./command.js";

/** `queue-run types`: writes .queue-run/types.d.ts alone. */
export function configure(command: Command, io: CommandIo): void {
  command.action(async () => {
    const { cwd } = command.optsWithGlobals<GlobalOptions>();
    const reading = await readProject(cwd, { stage: "dev" });
    if ("problems" in reading) throw new ProjectProblemsError(reading.problems);
    writeTypes(reading.manifest);
    const { length } = reading.manifest.queues;
    io.stdout.write(`${TYPES_FILE} has the types of ${length} ${length === 1 ? "queue" : "queues"}\n`);
  });
}
