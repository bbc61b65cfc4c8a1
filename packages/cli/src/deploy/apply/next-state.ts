import type { ActualState } from "../actual/actual-state.js";
import type { Addresses } from "../desired/addresses.js";
import type { DesiredState } from "../desired/desired-state.js";
import { fingerprints } from "../desired/fingerprint.js";
import { functionName } from "../desired/resource-names.js";
import type { Plan } from "../plan/step.js";
import type { OperationResults } from "./operation.js";
import type { StepStatus } from "./run-steps.js";
import type { StageState } from "./stage-state.js";

/** What a plan was made from, and the plan. */
type Planned = { desired: DesiredState; actual: ActualState; plan: Plan };

/** What is known of a stage before a plan's steps are done: the hash of what they touch is not. */
export function stateBefore({ desired, actual, plan }: Planned): StageState {
  const touched = new Set(plan.steps.map(({ unit }) => unit));
  const recorded = Object.entries(actual.recorded).filter(([unit]) => !touched.has(unit));
  return {
    recorded: Object.fromEntries(recorded),
    live: liveNow(desired, actual),
    ...recordedAddresses(actual),
  };
}

/** What is known once they are done, or some of them: the hash of each unit of which no step is missing. */
export function stateAfter(
  before: StageState,
  { desired, plan }: Planned,
  statuses: ReadonlyMap<string, StepStatus>,
  results: Pick<OperationResults, "live" | keyof Addresses>,
): StageState {
  const isDone = (id: string) => statuses.get(id) === "done";
  const broken = new Set(plan.steps.filter(({ id }) => !isDone(id)).map(({ unit }) => unit));
  const deleted = new Set(
    plan.steps.flatMap(({ id, operation }) =>
      operation.type === "delete-function" && isDone(id) ? [operation.functionName] : [],
    ),
  );
  const addresses = {
    url: desired.endpoint ? results.url : null,
    socketUrl: desired.socket ? results.socketUrl : null,
  };
  const whole = Object.entries(fingerprints(desired, addresses)).filter(([unit]) => !broken.has(unit));
  const live = { ...before.live, ...Object.fromEntries(results.live) };
  return {
    recorded: { ...before.recorded, ...Object.fromEntries(whole) },
    live: Object.fromEntries(
      Object.entries(live).filter(([id]) => !deleted.has(functionName(desired.scope, id))),
    ),
    ...addresses,
  };
}

/**
 * What is known when nothing had to be done.
 *
 * @param addresses - the stage's
 * @returns null where that is recorded already
 */
export function stateUnchanged(planned: Planned, addresses: Addresses): StageState | null {
  const { desired, actual } = planned;
  const hashes = fingerprints(desired, addresses);
  const isRecorded =
    actual.url === addresses.url &&
    actual.socketUrl === addresses.socketUrl &&
    Object.entries(hashes).every(([unit, hash]) => actual.recorded[unit] === hash);
  if (isRecorded) return null;
  return { recorded: { ...actual.recorded, ...hashes }, live: liveNow(desired, actual), ...addresses };
}

function recordedAddresses({ url, socketUrl }: Addresses): Addresses {
  return { url, socketUrl };
}

/** What serves: as it is recorded, or as it was seen where it was looked at. */
function liveNow({ functions }: DesiredState, actual: ActualState): Record<string, string> {
  const seen = functions.flatMap(({ id, physicalName }) => {
    const version = actual.functions[physicalName]?.live?.version;
    return version === undefined ? [] : [[id, version] as const];
  });
  return { ...actual.live, ...Object.fromEntries(seen) };
}
