import { randomBytes } from "node:crypto";
import { deployInterruptedError, deployStepFailedError } from "../../errors/deploy-errors.js";
import type { ActualState } from "../actual/actual-state.js";
import type { Aws } from "../aws/connect.js";
import type { Addresses } from "../desired/addresses.js";
import type { DesiredState } from "../desired/desired-state.js";
import { addressesOf, knownAddresses } from "../plan/known-addresses.js";
import type { Plan, Step } from "../plan/step.js";
import { type DeployRecord, finishDeployRecord, startDeployRecord } from "./deploy-record.js";
import type { Lease } from "./lease.js";
import { stateAfter, stateBefore } from "./next-state.js";
import type { OperationContext, OperationResults } from "./operation.js";
import { runOperation } from "./operations.js";
import { createProbe } from "./probe.js";
import type { Progress } from "./progress.js";
import { runSteps, type StepStatus, type StepsOutcome } from "./run-steps.js";
import { writeStageState } from "./stage-state.js";

/** Steps at once: enough to keep every service at its rate while calls take 100 ms. */
const PARALLEL_STEPS = 40;

export type ApplyInput = {
  aws: Aws;
  desired: DesiredState;
  /** What the plan was made from. */
  actual: ActualState;
  plan: Plan;
  lease: Lease;
  /** For people: who deploys, and where. */
  who: string;
  /** By function id. */
  zips: ReadonlyMap<string, Uint8Array>;
  /** The earlier deploy that is to serve again; null: none. */
  goesBackTo: string | null;
  /** Aborted when a person wants it to end. */
  interrupt: AbortSignal;
  progress: Progress;
};

/** What a deploy has come to. */
export type Applied = Addresses & {
  /** By step id. */
  statuses: ReadonlyMap<string, StepStatus>;
  /** What steps had to say that is to be read afterwards: what keeps a queue from going. */
  remarks: string[];
  /** What stopped it; null: nothing did. */
  failure: Error | null;
};

/**
 * Does a plan's steps, and records what is whole: the hash of each unit all of whose steps were done.
 *
 * Before anything is touched, the hashes of what is to be touched go, so that a deploy that dies leaves no hash that
 * does not hold. Before anything serves newer code, the deploy is written down.
 *
 * @throws when one of these could not be written; failures of steps are in what it returns
 */
export async function applyPlan(input: ApplyInput): Promise<Applied> {
  const { aws, desired, actual, plan, lease, zips, interrupt, progress } = input;
  const table = desired.table.name;
  const results: OperationResults = {
    versions: new Map(),
    live: new Map(),
    ...addressesOf(knownAddresses(desired, actual)),
  };
  const before = stateBefore(input);
  await writeStageState(aws, table, before, lease.generation);

  const record = newRecord(input);
  let isRecorded = false;
  const writeRecord = async () => {
    const versions = { ...before.live, ...switchedVersions(plan.steps, results) };
    await startDeployRecord(aws, table, { ...record, versions });
    isRecorded = true;
  };
  const stop = AbortSignal.any([interrupt, lease.lost]);
  const remarks: string[] = [];
  const say = (text: string, isLasting = false) => {
    if (isLasting) remarks.push(text);
    progress.say(text, isLasting);
  };
  const probes = { role: createProbe(), policy: createProbe() };
  const context: OperationContext = { aws, scope: desired.scope, stop, zips, results, probes, say };
  const outcome = await runSteps(plan.steps, {
    run: (step) => runOperation(step.operation, context),
    parallelism: PARALLEL_STEPS,
    stop,
    beforePhase: async (phase) => {
      const steps = plan.steps.filter((step) => step.phase === phase);
      progress.phase(phase, steps);
      if (phase === "switch") await writeRecord();
    },
    onStep: (step, status) => progress.step(step, status),
  }).finally(() => progress.end());

  const failure = failureOf(outcome, input);
  const after = stateAfter(before, input, outcome.statuses, results);
  const keep = async () => {
    await writeStageState(aws, table, after, lease.generation);
    if (failure) return;
    if (!isRecorded) await writeRecord();
    await finishDeployRecord(aws, table, record.id);
  };
  await keep().catch((error: unknown) => {
    // What stopped the deploy is what is told; without its hashes the next one reads more, and does the same.
    if (!failure) throw error;
  });
  const { url, socketUrl } = after;
  return { statuses: outcome.statuses, url, socketUrl, remarks, failure };
}

function newRecord({ aws, who, desired, goesBackTo }: ApplyInput): DeployRecord {
  const at = new Date(aws.clock.now()).toISOString();
  const id = `${at}-${randomBytes(2).toString("hex")}`;
  return { id, at, who, status: "started", versions: {}, goesBackTo, desired };
}

/** The version of each function whose alias is about to move. */
function switchedVersions(
  steps: readonly Step[],
  { versions }: OperationResults,
): Readonly<Record<string, string>> {
  const switched = steps.flatMap(({ operation }) => {
    if (operation.type !== "create-alias" && operation.type !== "update-alias") return [];
    const version = operation.version ?? versions.get(operation.functionId);
    return version === undefined ? [] : [[operation.functionId, version] as const];
  });
  return Object.fromEntries(switched);
}

function failureOf({ failures, statuses }: StepsOutcome, { lease, interrupt }: ApplyInput): Error | null {
  const of = statuses.size;
  const done = [...statuses.values()].filter((status) => status === "done").length;
  if (lease.lost.aborted) return lease.lost.reason;
  if (interrupt.aborted && done < of) return deployInterruptedError({ done, of });
  const [first, ...others] = failures;
  if (!first) return null;
  const { step, error } = first;
  return deployStepFailedError({
    step: step.text,
    error,
    others: others.map((other) => other.step.text),
    done,
    of,
  });
}
