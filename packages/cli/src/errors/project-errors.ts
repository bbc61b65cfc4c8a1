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
 * A problem as people read it: place, what is wrong, the line of the source where it helps, how to mend it.
 *
 * @returns two or more lines without a line break at the end; no colour
 */
export function formatProblem({ code, file, line, column, message, fix, frame }: Problem): string {
  const place = line === null ? file : `${file}:${line}:${column ?? 1}`;
  const lines = [`${place} ${message}`];
  if (frame !== undefined && line !== null) lines.push(...shownFrame(frame, line, column ?? 1));
  return [...lines, `  ${fix} [${code}]`].join("\n");
}

/** Longest part of a line that is shown: a minified file must not fill the terminal. */
const MAX_FRAME_COLUMNS = 160;

function shownFrame(frame: string, line: number, column: number): string[] {
  const label = `  ${line} | `;
  const shown = `${label}${frame.replaceAll("\t", " ").slice(0, MAX_FRAME_COLUMNS)}`;
  return column > MAX_FRAME_COLUMNS ? [shown] : [shown, `${" ".repeat(label.length + column - 1)}^`];
}
