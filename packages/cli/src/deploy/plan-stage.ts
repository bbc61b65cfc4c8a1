import type { ActualDetails, ActualState, ActualSummary, DetailsToRead } from "./actual/actual-state.js";
import { readDetails } from "./actual/read-details.js";
import { readSummary } from "./actual/read-summary.js";
import type { Aws } from "./aws/connect.js";
import type { DesiredState } from "./desired/desired-state.js";
import { canonicalJson } from "./desired/fingerprint.js";
import { detailsToRead } from "./plan/details-to-read.js";
import { plan } from "./plan/plan.js";
import type { PlanOptions } from "./plan/plan-options.js";
import type { Plan } from "./plan/step.js";

/** A plan, and what it was made from. */
export type StagePlan = {
  desired: DesiredState;
  actual: ActualState;
  plan: Plan;
  /** How many leases the stage had seen when it was read. */
  leases: number;
};

/**
 * Reads from AWS what a stage is, and plans what makes it what it is to be. Changes nothing.
 *
 * @param read - what exists, where it is being read already
 */
export async function planStage(
  aws: Aws,
  desired: DesiredState,
  options: PlanOptions,
  read: ReturnType<typeof readSummary> = readSummary(aws, desired),
): Promise<StagePlan> {
  const { leases, ...summary } = await read;
  const actual = await readActual(aws, desired, summary, options);
  return { desired, actual, plan: plan(desired, actual, options), leases };
}

/**
 * Reads a stage again once its lease is held, and plans again where it may be another than it was.
 *
 * @param agreed - the plan as it was made before
 * @param generation - of the lease: when it is the next one, nobody has deployed since
 */
export async function planStageAgain(
  aws: Aws,
  agreed: StagePlan,
  options: PlanOptions,
  generation: number,
): Promise<StagePlan> {
  const { desired, leases } = agreed;
  const { leases: _, ...summary } = await readSummary(aws, desired);
  if (generation === leases + 1 && isSameSummary(agreed, summary)) return agreed;
  const actual = await readActual(aws, desired, summary, options);
  return { desired, actual, plan: plan(desired, actual, options), leases: generation };
}

/** Whether lists and records say what they said, but for a table that was made to hold the lease. */
function isSameSummary({ desired, actual }: StagePlan, summary: ActualSummary): boolean {
  const isOther = (arn: string) => actual.table !== null || arn !== desired.table.arn;
  const contents = (each: ActualSummary) => {
    const { recorded, live, url, socketUrl, tagged, roles, scheduleNames } = each;
    const others = tagged.filter(({ arn }) => isOther(arn)).sort((a, b) => (a.arn < b.arn ? -1 : 1));
    return canonicalJson([
      ...[recorded, live, url, socketUrl, others],
      ...[[...roles].sort(), [...scheduleNames].sort()],
    ]);
  };
  return contents(actual) === contents(summary);
}

async function readActual(
  aws: Aws,
  desired: DesiredState,
  summary: ActualSummary,
  options: PlanOptions,
): Promise<ActualState> {
  let actual: ActualState = { ...summary, ...NOTHING_READ };
  // What is read may show that there is more to read.
  for (;;) {
    const toRead: DetailsToRead | null = detailsToRead(desired, actual, options);
    if (toRead === null) return actual;
    const details = await readDetails(aws, desired, summary, toRead);
    actual = { ...summary, ...merged(actual, details) };
  }
}

const NOTHING_READ: ActualDetails = {
  table: undefined,
  queues: {},
  functions: {},
  endpoint: undefined,
  socket: undefined,
  scheduling: undefined,
  delays: undefined,
};

function merged(before: ActualDetails, after: ActualDetails): ActualDetails {
  return {
    table: after.table === undefined ? before.table : after.table,
    queues: { ...before.queues, ...after.queues },
    functions: { ...before.functions, ...after.functions },
    endpoint: after.endpoint === undefined ? before.endpoint : after.endpoint,
    socket: after.socket === undefined ? before.socket : after.socket,
    scheduling: after.scheduling === undefined ? before.scheduling : after.scheduling,
    delays: after.delays === undefined ? before.delays : after.delays,
  };
}
