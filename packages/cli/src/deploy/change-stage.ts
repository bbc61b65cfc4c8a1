import { hostname } from "node:os";
import { ProjectProblemsError } from "../errors/project-errors.js";
import { type Applied, applyPlan } from "./apply/apply-plan.js";
import { type Lease, takeLease } from "./apply/lease.js";
import { stateUnchanged } from "./apply/next-state.js";
import type { Progress } from "./apply/progress.js";
import { writeStageState } from "./apply/stage-state.js";
import { makeTable } from "./apply/table-operations.js";
import type { Addresses } from "./desired/addresses.js";
import { addressesOf, knownAddresses } from "./plan/known-addresses.js";
import type { PlanOptions } from "./plan/plan-options.js";
import { planStageAgain, type StagePlan } from "./plan-stage.js";
import type { PreparedDeploy } from "./prepare-deploy.js";

/** Who changes a stage to what. */
export type PreparedChange = Pick<PreparedDeploy, "aws" | "identity" | "zips" | "desired"> & {
  /** The id of the earlier deploy that is to serve again; null: none, this is a deploy of its own. */
  goesBackTo: string | null;
};

type Prepared = Omit<PreparedChange, "desired">;

export type ChangeOptions = {
  /** How the plan was made: it is made again. */
  planning: PlanOptions;
  /** Aborted when a person wants it to end. */
  interrupt: AbortSignal;
  progress: Progress;
  /** The plan is another one than was agreed to, since the stage has changed. Throws when it is not to be done. */
  onOtherPlan: (planned: StagePlan) => Promise<void>;
};

/**
 * Does what a plan says, alone: takes the stage's lease, reads and plans again, and applies that.
 *
 * @param agreed - the plan that was agreed to; it has steps
 * @throws QR_DEPLOY_IN_PROGRESS; ProjectProblemsError; failures of steps are in what it returns
 */
export async function changeStage(
  { aws, identity, zips, goesBackTo }: Prepared,
  agreed: StagePlan,
  { planning, interrupt, progress, onOtherPlan }: ChangeOptions,
): Promise<Applied> {
  const { desired } = agreed;
  const who = `${identity.arn} on ${hostname()}`;
  // The lease is kept in the table, so that comes first: of two that make it at once, the lease lets one go on.
  if (needsTable(agreed)) await makeTable(aws, desired.table, desired.scope, interrupt);
  const lease = await takeLease(aws, desired.table.name, who);
  try {
    const planned = await planStageAgain(aws, agreed, planning, lease.generation);
    refuseProblems(planned);
    if (!isSamePlan(agreed, planned)) await onOtherPlan(planned);
    interrupt.throwIfAborted();
    return await applyPlan({ ...planned, aws, lease, who, zips, goesBackTo, interrupt, progress });
  } finally {
    await lease.release();
  }
}

/**
 * Records that a stage is as it is to be, where it is not recorded: the next deploy then has less to read.
 *
 * @param seen - the plan, which has no steps
 */
export async function recordUnchanged(
  { aws, identity }: Pick<Prepared, "aws" | "identity">,
  seen: StagePlan,
  planning: PlanOptions,
): Promise<void> {
  if (!stateUnchanged(seen, knownBefore(seen))) return;
  const { desired } = seen;
  const table = desired.table.name;
  let lease: Lease;
  try {
    lease = await takeLease(aws, table, `${identity.arn} on ${hostname()}`);
  } catch {
    // Whoever has the lease records what it does.
    return;
  }
  try {
    // Somebody may have deployed since it was read.
    const planned = await planStageAgain(aws, seen, planning, lease.generation);
    const state = planned.plan.steps.length === 0 ? stateUnchanged(planned, knownBefore(planned)) : null;
    if (state) await writeStageState(aws, table, state, lease.generation);
  } finally {
    await lease.release();
  }
}

/** @throws ProjectProblemsError when a plan must not be done */
export function refuseProblems({ plan: { problems } }: StagePlan): void {
  if (problems.length > 0) throw new ProjectProblemsError(problems);
}

/** @returns the stage's addresses, as far as they are known before anything is done */
export function knownBefore({ desired, actual }: StagePlan): Addresses {
  return addressesOf(knownAddresses(desired, actual));
}

/** Whether there is no table that can hold a lease; one that was not read in detail is as a deploy left it. */
function needsTable({ actual: { table } }: StagePlan): boolean {
  return table === null || (table !== undefined && table.status !== "ACTIVE");
}

/** Whether the same will be done, but for a table that was made meanwhile. */
function isSamePlan(agreed: StagePlan, planned: StagePlan): boolean {
  const isNewTable = needsTable(agreed);
  const contents = ({ plan, desired }: StagePlan) =>
    plan.steps
      .filter(({ unit }) => !isNewTable || unit !== desired.table.unit)
      .map(({ text, changes }) => JSON.stringify([text, changes]))
      .sort();
  return contents(agreed).join() === contents(planned).join();
}
