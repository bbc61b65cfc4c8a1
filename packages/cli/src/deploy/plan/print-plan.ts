import type { Colors } from "picocolors/types.js";
import { formatProblem } from "../../errors/project-errors.js";
import type { Problem } from "../../project/manifest.js";
import { escapeControl } from "../../terminal/escape-control.js";
import type { UnitId } from "../desired/desired-state.js";
import type { Change, Operation, Phase, Plan, Step } from "./step.js";

/** What a step does to what is there. */
type StepAction = "create" | "change" | "delete";

/** A plan as `--json` prints it. */
export type PlanReport = {
  steps: {
    id: string;
    phase: Phase;
    unit: UnitId;
    action: StepAction;
    text: string;
    after: string[];
    changes: Change[];
  }[];
  notes: string[];
  problems: Problem[];
};

/** @returns all that is known of a plan but what must not be printed: values of variables, code */
export function planReport({ steps, notes, problems }: Plan): PlanReport {
  return {
    steps: steps.map(({ id, phase, unit, operation, text, after, changes }) => ({
      id,
      phase,
      unit,
      action: actionOf(operation),
      text,
      after,
      changes,
    })),
    notes,
    problems,
  };
}

/**
 * A plan as people read it: what is to be done to each part of the project, from what to what, and what else there is
 * to say.
 */
export function planLines(plan: Plan, colors: Colors): string[] {
  const { steps, notes, problems } = plan;
  const lines: string[] = [];
  for (const [title, group] of groupsOf(steps)) {
    if (isNew(group)) lines.push(...newLines(title, group, colors));
    else lines.push(colors.bold(escapeControl(title)), ...group.flatMap((step) => stepLines(step, colors)));
  }
  for (const note of notes) lines.push(`${colors.yellow("!")} ${escapeControl(note)}`);
  for (const problem of problems) lines.push(escapeLines(formatProblem(problem)));
  if (problems.length === 0) lines.push(summaryOf(steps));
  return lines;
}

/** What makes a part of a project new, rather than something in it. */
const MAKES_NEW: ReadonlySet<Operation["type"]> = new Set([
  "create-function",
  "create-table",
  "create-schedule-group",
]);

/** Whether nothing of a part was there before: then all that is to be said of it is what it gets. */
function isNew(steps: readonly Step[]): boolean {
  return (
    steps.some(({ operation }) => MAKES_NEW.has(operation.type)) &&
    steps.every(({ changes }) => changes.every(({ from }) => from === null))
  );
}

function newLines(title: string, steps: readonly Step[], colors: Colors): string[] {
  const made = steps.filter(({ operation }) => actionOf(operation) === "create");
  const names = made.map(({ text }) => text.replace(/^create /, ""));
  return [
    `${colors.green(SIGNS.create)} ${colors.bold(escapeControl(title))}`,
    ...names.map((name) => colors.dim(`    ${escapeControl(name)}`)),
  ];
}

const SIGNS: Readonly<Record<StepAction, string>> = { create: "+", change: "~", delete: "-" };

function stepLines({ operation, text, changes }: Step, colors: Colors): string[] {
  const action = actionOf(operation);
  const paint = { create: colors.green, change: colors.yellow, delete: colors.red }[action];
  const line = `  ${paint(SIGNS[action])} ${escapeControl(text)}`;
  // All of what is new is new: its settings are the files'.
  if (action === "create") return [line];
  return [line, ...changes.map((change) => colors.dim(`      ${changeText(change)}`))];
}

function changeText({ setting, from, to }: Change): string {
  const shown = (value: string | null) => (value === null ? "not set" : value);
  if (setting === "policy") return escapeControl(from === null ? `+ ${shown(to)}` : `- ${from}`);
  return escapeControl(`${setting}: ${shown(from)} → ${shown(to)}`);
}

/** Steps by what a person would name, in the order in which they first appear. */
function groupsOf(steps: readonly Step[]): Map<string, Step[]> {
  const groups = new Map<string, Step[]>();
  for (const step of steps) {
    const title = titleOf(step.unit);
    groups.set(title, [...(groups.get(title) ?? []), step]);
  }
  return groups;
}

/** "function:queue:emails" and "queue:emails" are both of "queue emails". */
function titleOf(unit: UnitId): string {
  const [kind = "", name] = unit.replace(/^function:/, "").split(":");
  if (kind === "api" || kind === "endpoint") return "API";
  if (kind === "scheduling") return "schedules";
  if (kind === "delays") return "delayed messages";
  return name === undefined ? kind : `${kind} ${name}`;
}

function summaryOf(steps: readonly Step[]): string {
  if (steps.length === 0) return "Nothing to change.";
  const count = (action: StepAction) =>
    steps.filter(({ operation }) => actionOf(operation) === action).length;
  const parts = [
    `${count("create")} to create`,
    `${count("change")} to change`,
    `${count("delete")} to delete`,
  ].filter((part) => !part.startsWith("0 "));
  return `${steps.length} ${steps.length === 1 ? "step" : "steps"}: ${parts.join(", ")}.`;
}

/** @returns what a step does; a new version of a function changes it */
function actionOf(operation: Operation): StepAction {
  if (operation.type === "put-schedule") return operation.exists ? "change" : "create";
  if (/^(?:create|add)-/.test(operation.type)) return "create";
  return /^(?:delete|remove)-/.test(operation.type) ? "delete" : "change";
}

function escapeLines(text: string): string {
  return text.split("\n").map(escapeControl).join("\n");
}
