import type { Problem } from "../../project/manifest.js";
import type { UnitId } from "../desired/desired-state.js";
import { nameInArn } from "../desired/resource-arns.js";
import { operationText } from "./operation-text.js";
import { type Change, type Operation, PHASES, type Phase, type Plan, type Step } from "./step.js";

/** A step as a planner gives it. */
type StepDraft = {
  unit: UnitId;
  phase: Phase;
  operation: Operation;
  changes?: readonly Change[];
  /** Ids of steps that come before it, whether they are in the plan or not. */
  after?: readonly (string | null)[];
  /** Tells steps apart that do the same to the same twice. */
  again?: string;
};

/** A plan in the making. */
export type PlanDraft = {
  /** @returns the step's id */
  step: (draft: StepDraft) => string;
  note: (text: string) => void;
  problem: (problem: Problem) => void;
  /** Puts the steps into an order in which they could be done one by one. */
  finish: () => Plan;
};

export function createPlanDraft(): PlanDraft {
  const steps = new Map<string, Step>();
  const notes: string[] = [];
  const problems: Problem[] = [];
  return {
    step({ unit, phase, operation, changes = [], after = [], again }) {
      const text = operationText(operation);
      const id = stepId(operation, again);
      if (steps.has(id)) throw new Error(`A plan has two steps "${id}".`);
      const before = after.filter((each) => each !== null);
      steps.set(id, { id, phase, after: before, unit, operation, text, changes: [...changes] });
      return id;
    },
    note(text) {
      if (!notes.includes(text)) notes.push(text);
    },
    problem(problem) {
      problems.push(problem);
    },
    finish() {
      if (problems.length > 0) return { steps: [], notes, problems };
      return { steps: PHASES.flatMap((phase) => ordered(phase, steps)), notes, problems };
    },
  };
}

/** What a step that does this is called: other steps may wait for it. */
function stepId(operation: Operation, again?: string): string {
  return `${operation.type} ${subjectOf(operation)}${again === undefined ? "" : ` (${again})`}`;
}

/** What an operation is done to, by name. */
function subjectOf(operation: Operation): string {
  switch (operation.type) {
    case "enable-time-to-live":
    case "bill-on-demand":
      return operation.table;
    case "create-queue":
    case "set-queue-attributes":
    case "lower-retention":
    case "tag-queue":
    case "delete-queue":
      return operation.physicalName;
    case "delete-empty-queue":
      return operation.queue;
    case "create-role":
    case "update-trust":
      return operation.role.name;
    case "put-role-policy":
    case "tag-role":
    case "delete-role":
      return operation.roleName;
    case "create-function":
    case "update-configuration":
    case "update-code":
      return operation.function.physicalName;
    case "create-mapping":
    case "update-mapping":
      return operation.functionName;
    case "tag-table":
    case "tag-function":
    case "tag-schedule-group":
      return nameInArn(operation.arn);
    case "put-schedule":
      return operation.schedule.name;
    case "add-permission":
    case "remove-permission":
      return `${operation.statementId} ${operation.functionName}`;
    default:
      return "functionName" in operation ? operation.functionName : operation.name;
  }
}

/** The steps of one phase, each after those that it waits for. */
function ordered(phase: Phase, steps: ReadonlyMap<string, Step>): Step[] {
  const done: Step[] = [];
  const seen = new Set<string>();
  const visit = (step: Step) => {
    if (seen.has(step.id)) return;
    seen.add(step.id);
    const after = step.after.filter((id) => steps.get(id)?.phase === phase);
    for (const id of after) {
      const before = steps.get(id);
      if (before) visit(before);
    }
    done.push({ ...step, after });
  };
  for (const step of steps.values()) if (step.phase === phase) visit(step);
  return done;
}
