import type { ActualDetails, ActualState, DetailsToRead } from "./actual/actual-state.js";
import { readDetails } from "./actual/read-details.js";
import { readSummary } from "./actual/read-summary.js";
import type { Aws } from "./aws/connect.js";
import type { DesiredState } from "./desired/desired-state.js";
import { detailsToRead } from "./plan/details-to-read.js";
import { type PlanOptions, plan } from "./plan/plan.js";
import type { Plan } from "./plan/step.js";

/** A plan, and what it was made from. */
export type StagePlan = { desired: DesiredState; actual: ActualState; plan: Plan };

/** Reads from AWS what a stage is, and plans what makes it what it is to be. Changes nothing. */
export async function planStage(aws: Aws, desired: DesiredState, options: PlanOptions): Promise<StagePlan> {
  const actual = await readActual(aws, desired, options.refresh);
  return { desired, actual, plan: plan(desired, actual, options) };
}

async function readActual(aws: Aws, desired: DesiredState, refresh: boolean): Promise<ActualState> {
  const summary = await readSummary(aws, desired);
  let actual: ActualState = { ...summary, ...NOTHING_READ };
  // What is read may show that there is more to read.
  for (;;) {
    const toRead: DetailsToRead | null = detailsToRead(desired, actual, refresh);
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
  scheduling: undefined,
};

function merged(before: ActualDetails, after: ActualDetails): ActualDetails {
  return {
    table: after.table === undefined ? before.table : after.table,
    queues: { ...before.queues, ...after.queues },
    functions: { ...before.functions, ...after.functions },
    endpoint: after.endpoint === undefined ? before.endpoint : after.endpoint,
    scheduling: after.scheduling === undefined ? before.scheduling : after.scheduling,
  };
}
