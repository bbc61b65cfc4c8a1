import { QueueRunError } from "@queue-run/runtime/errors";
import type { Problem } from "../project/manifest.js";

/** Everything that must be mended in a project's files before it can be built, as one error. */
export class ProjectProblemsError extends QueueRunError {
  readonly problems: Problem[];

  /** @param problems - at least one; printed one after another by main.ts */
  constructor(problems: Problem[]) {
    super({
      code: "QR_PROJECT_PROBLEMS",
      message: problems.map(formatProblem).join("\n\n"),
      fix:
        problems.length === 1
          ? "Mend it, then run the command again."
          : "Mend these, then run the command again.",
      details: { problems },
    });
    this.name = "ProjectProblemsError";
    this.problems = problems;
  }
}

/**
 * A problem as people read it: place, what is wrong, how to mend it.
 *
 * @returns two or more lines without a line break at the end; no colour
 */
export function formatProblem(problem: Problem): string {
  const place =
    problem.line === null ? problem.file : `${problem.file}:${problem.line}:${problem.column ?? 1}`;
  return `${place} ${problem.message}\n  ${problem.fix} [${problem.code}]`;
}
