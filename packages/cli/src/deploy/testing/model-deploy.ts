import type { DesiredState } from "../desired/desired-state.js";
import { fingerprints } from "../desired/fingerprint.js";
import { addressesOf, knownAddresses } from "../plan/known-addresses.js";
import { plan } from "../plan/plan.js";
import type { PlanOptions } from "../plan/plan-options.js";
import type { Plan, Step } from "../plan/step.js";
import { runInModel } from "./model-operations.js";
import type { ModelRun } from "./model-run.js";
import { type ModelStage, readModel } from "./model-stage.js";

export type ModelDeployOptions = Partial<PlanOptions> & {
  /** How many steps are done before the deploy dies; all by default. */
  steps?: number;
  /** Whether it lives on to record what it has finished. */
  dies?: boolean;
  /** Queues, by physical name, that hold messages. */
  full?: ReadonlySet<string>;
  /** Chooses among steps that could be next. */
  choose?: (candidates: readonly Step[]) => Step | undefined;
  onStep?: (step: Step, outcome: "done" | "left") => void;
};

/** For tests: plans and does what is planned, to a model. */
export function deployToModel(
  stage: ModelStage,
  desired: DesiredState,
  options: ModelDeployOptions = {},
): Plan {
  const { prune = false, refresh = false, isGoingBack = false, steps = Number.POSITIVE_INFINITY } = options;
  const actual = readModel(stage, desired, { prune, refresh, isGoingBack });
  const planned = plan(desired, actual, { prune, refresh, isGoingBack });
  const run: ModelRun = {
    desired,
    versions: new Map(),
    ...addressesOf(knownAddresses(desired, actual)),
    full: options.full ?? new Set(),
  };
  const touched = new Set(planned.steps.map(({ unit }) => unit));
  for (const unit of touched) delete stage.recorded[unit];
  const outcomes = runSteps(stage, planned.steps, run, { ...options, steps });
  if (options.dies) return planned;
  const broken = new Set(
    planned.steps.filter(({ id }) => outcomes.get(id) !== "done").map(({ unit }) => unit),
  );
  if (planned.problems.length > 0) return planned;
  const addresses = {
    url: desired.endpoint ? run.url : null,
    socketUrl: desired.socket ? run.socketUrl : null,
  };
  for (const [unit, hash] of Object.entries(fingerprints(desired, addresses)))
    if (!broken.has(unit)) stage.recorded[unit] = hash;
  Object.assign(stage, addresses);
  return planned;
}

function runSteps(
  stage: ModelStage,
  steps: readonly Step[],
  run: ModelRun,
  { steps: most, choose, onStep }: ModelDeployOptions & { steps: number },
): Map<string, "done" | "left"> {
  const outcomes = new Map<string, "done" | "left">();
  const waiting = [...steps];
  let done = 0;
  while (waiting.length > 0 && done < most) {
    const phase = waiting[0]?.phase;
    const ready = waiting.filter(
      (step) => step.phase === phase && step.after.every((id) => outcomes.has(id)),
    );
    const next = choose?.(ready) ?? ready[0];
    if (!next) throw new Error(`Steps wait for each other: ${waiting.map(({ id }) => id).join(", ")}.`);
    waiting.splice(waiting.indexOf(next), 1);
    const isLeft = next.after.some((id) => outcomes.get(id) === "left");
    const outcome = isLeft ? "left" : runInModel(stage, next.operation, run);
    outcomes.set(next.id, outcome);
    onStep?.(next, outcome);
    done++;
  }
  return outcomes;
}
