import { hostname } from "node:os";
import { deletionFailedError } from "../../../errors/deletion-errors.js";
import { takeLease } from "../../apply/lease.js";
import type { OperationContext } from "../../apply/operation.js";
import { runOperation } from "../../apply/operations.js";
import { createProbe } from "../../apply/probe.js";
import type { Progress } from "../../apply/progress.js";
import { runSteps } from "../../apply/run-steps.js";
import type { Aws } from "../../aws/connect.js";
import type { StageScope } from "../../desired/desired-state.js";
import { tableName } from "../../desired/resource-names.js";
import type { Plan } from "../../plan/step.js";

const PARALLEL_STEPS = 20;

/**
 * Does what `planDeletion` planned, while nobody else may deploy. Running it again carries on where it stopped.
 *
 * @param hasTable - whether the stage's table, which holds the lease, is there
 * @throws QR_DEPLOY_IN_PROGRESS; QR_STAGE_NOT_DELETED when something could not be removed
 */
export async function deleteStage(
  { aws, scope, plan, hasTable }: { aws: Aws; scope: StageScope; plan: Plan; hasTable: boolean },
  { interrupt, progress }: { interrupt: AbortSignal; progress: Progress },
): Promise<void> {
  const { arn } = await aws.identity();
  const lease = hasTable ? await takeLease(aws, tableName(scope), `${arn} on ${hostname()}`) : null;
  const stop = lease ? AbortSignal.any([interrupt, lease.lost]) : interrupt;
  const context: OperationContext = {
    aws,
    scope,
    stop,
    zips: new Map(),
    results: { versions: new Map(), live: new Map(), url: null, socketUrl: null },
    probes: { role: createProbe(), policy: createProbe() },
    say: (text) => progress.say(text),
  };
  try {
    const { failures, statuses } = await runSteps(plan.steps, {
      run: async (step) => {
        // With its table, the lease is gone: it must not be renewed.
        if (step.operation.type === "delete-table") await lease?.release();
        return runOperation(step.operation, context);
      },
      parallelism: PARALLEL_STEPS,
      stop,
      beforePhase: async (phase) => progress.phase(phase, plan.steps),
      onStep: (step, status) => progress.step(step, status),
    });
    progress.end();
    const left = plan.steps.filter(({ id }) => statuses.get(id) !== "done").map(({ text }) => text);
    if (lease?.lost.aborted) throw lease.lost.reason;
    if (left.length > 0) throw deletionFailedError(left, failures[0]?.error);
  } finally {
    await lease?.release();
  }
}
