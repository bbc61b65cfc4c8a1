import { parseSchedule, type ScheduleExpression } from "../schedules/schedule-expression.js";
import { checkDefaultHandler, type HandlerWording } from "./default-handler.js";
import type { Problem, ScheduleDefinition } from "./manifest.js";
import { problem } from "./problem.js";
import { stemOf } from "./project-files.js";
import { rememberByFacts } from "./remember-by-facts.js";
import { readScheduleSettings } from "./schedule-settings.js";
import { format } from "./setting-reader.js";
import { settingOf } from "./setting-source.js";
import type { SourceFacts } from "./source-facts.js";

/** What stands for a schedule's times while they are a problem. */
const NEVER: ScheduleExpression = { kind: "never", text: "never" };

/**
 * Makes the definition of each schedule.
 *
 * @param files - paths of the files directly in schedules/
 * @param problems - what is wrong is added here
 */
export function defineSchedules(
  files: readonly string[],
  facts: ReadonlyMap<string, SourceFacts>,
  problems: Problem[],
): ScheduleDefinition[] {
  const schedules: ScheduleDefinition[] = [];
  const byName = new Map<string, string>();
  for (const file of files) {
    const name = stemOf(file) ?? file;
    checkName(name, file, byName.get(name) ?? null, problems);
    if (!byName.has(name)) byName.set(name, file);
    const known = facts.get(file);
    if (!known || known.syntaxError) continue;
    schedules.push(defineSchedule(file, known, null, problems));
  }
  return schedules;
}

const defineSchedule = rememberByFacts((file, facts, _: null, problems): ScheduleDefinition => {
  checkDefaultHandler(file, facts, HANDLER, problems);
  return {
    name: stemOf(file) ?? file,
    file,
    expression: readExpression(file, facts, problems),
    settings: readScheduleSettings(settingOf(file, "config", facts, problems)),
  };
});

function checkName(name: string, file: string, same: string | null, problems: Problem[]): void {
  if (!/^[A-Za-z0-9_-]+$/.test(name)) {
    const message = `"${name}" cannot be a schedule's name.`;
    const fix = "Rename the file: letters, digits, - and _.";
    problems.push(problem("QR_INVALID_SCHEDULE_NAME", file, null, message, fix));
  }
  if (same === null) return;
  const fix = "Rename or remove one of them.";
  problems.push(problem("QR_DUPLICATE_SCHEDULE", file, null, `${same} is the schedule ${name} too.`, fix));
}

const HANDLER: HandlerWording = {
  ofAnother: "Export the function that a run calls.",
  none: "The file has no default export, so nothing can run.",
  fixOfNone:
    "Add export default async function ({ scheduledAt }) { … }. A file that is not a schedule: start its name with _ or move it out of schedules/.",
};

function readExpression(file: string, { settings }: SourceFacts, problems: Problem[]): ScheduleExpression {
  const given = settings.schedule;
  if (!given) {
    problems.push(
      problem(
        "QR_NO_SCHEDULE",
        file,
        null,
        "The file does not say when it runs.",
        'Add, say, export const schedule = "daily at 9:00"; or "never", to run it only when asked to.',
      ),
    );
    return NEVER;
  }
  const [notStatic] = given.notStatic;
  if (notStatic) {
    problems.push(
      problem(
        "QR_NOT_STATIC",
        file,
        notStatic.at,
        `schedule is ${notStatic.found}. It shapes what is deployed, so it is read without running the file.`,
        "Write it as a literal, or a constant of this file.",
      ),
    );
    return NEVER;
  }
  const parsed =
    typeof given.value === "string"
      ? parseSchedule(given.value)
      : { message: `schedule is ${format(given.value)}.`, fix: 'Write it as a string: "every 15 minutes".' };
  if (!("message" in parsed)) return parsed;
  problems.push(problem("QR_INVALID_SCHEDULE", file, given.at, parsed.message, parsed.fix));
  return NEVER;
}
