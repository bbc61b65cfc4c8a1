import { PHASES, type Phase, type Step } from "../plan/step.js";
import type { OperationOutcome } from "./operation.js";

/** What became of a step. "left": it, or one before it, could not be done yet, which is no failure. */
export type StepStatus = "done" | "left" | "failed" | "not started";

export type StepsOutcome = {
  /** By step id: each step of the plan. */
  statuses: ReadonlyMap<string, StepStatus>;
  /** What failed, in the order in which it did. */
  failures: { step: Step; error: unknown }[];
};

export type StepsOptions = {
  run: (step: Step) => Promise<OperationOutcome>;
  /** Most steps at once. */
  parallelism: number;
  /** Aborted: no further step is begun. */
  stop: AbortSignal;
  /** Before the first step of a phase that has any; when it fails, nothing more is begun. */
  beforePhase: (phase: Phase) => Promise<void>;
  onStep: (step: Step, status: "started" | StepStatus) => void;
};

/**
 * Runs steps: phase by phase, each step when those that it waits for have ended, a few at a time. After a failure no
 * step begins any more, and those that run are waited for.
 *
 * @throws what `beforePhase` throws
 */
export async function runSteps(
  steps: readonly Step[],
  { run, parallelism, stop, beforePhase, onStep }: StepsOptions,
): Promise<StepsOutcome> {
  const statuses = new Map<string, StepStatus>(steps.map(({ id }) => [id, "not started"]));
  const failures: StepsOutcome["failures"] = [];
  const mayBegin = () => failures.length === 0 && !stop.aborted;
  const settle = (step: Step, status: StepStatus) => {
    statuses.set(step.id, status);
    onStep(step, status);
  };

  const perform = async (step: Step) => {
    onStep(step, "started");
    try {
      settle(step, await run(step));
    } catch (error) {
      failures.push({ step, error });
      settle(step, "failed");
    }
  };

  for (const phase of PHASES) {
    const waiting = new Set(steps.filter((step) => step.phase === phase));
    if (waiting.size === 0) continue;
    if (!mayBegin()) break;
    await beforePhase(phase);
    const running = new Set<Promise<void>>();
    while (running.size > 0 || (waiting.size > 0 && mayBegin())) {
      for (const step of waiting) {
        if (!mayBegin() || running.size >= parallelism) break;
        const before = step.after.map((id) => statuses.get(id) ?? "done");
        if (before.includes("left")) {
          waiting.delete(step);
          settle(step, "left");
        } else if (before.every((status) => status === "done")) {
          waiting.delete(step);
          const task: Promise<void> = perform(step).finally(() => running.delete(task));
          running.add(task);
        }
      }
      if (running.size > 0) await Promise.race(running);
      else if (mayBegin() && ![...waiting].some((step) => isReady(step, statuses))) break;
    }
  }
  return { statuses, failures };
}

/** Whether everything that a step waits for has ended, one way or the other. */
function isReady(step: Step, statuses: ReadonlyMap<string, StepStatus>): boolean {
  return step.after.every((id) => ["done", "left", undefined].includes(statuses.get(id)));
}
