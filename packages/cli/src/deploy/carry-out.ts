import type { CommandIo } from "../commands/command.js";
import { deployDeclinedError } from "../errors/deploy-errors.js";
import { createProgress, silentProgress } from "./apply/progress.js";
import {
  changeStage,
  knownBefore,
  type PreparedChange,
  recordUnchanged,
  refuseProblems,
} from "./change-stage.js";
import { type DeployReport, deployReport, type Reported } from "./deploy-report.js";
import { watchInterrupts } from "./interrupts.js";
import type { PlanOptions } from "./plan/plan-options.js";
import { planStage } from "./plan-stage.js";
import type { PreparedDeploy } from "./prepare-deploy.js";

/** How a change of a stage is agreed to and told. */
export type CarryOutOptions = PlanOptions & {
  dryRun: boolean;
  /** Do not ask. */
  yes: boolean;
  json: boolean;
};

/**
 * Makes a stage what it is to be: prints the plan, asks, and does exactly that.
 *
 * @throws what stopped it; with `json`, after the report was printed
 */
export async function carryOut(
  prepared: PreparedChange & Reported & Partial<Pick<PreparedDeploy, "summary">>,
  options: CarryOutOptions,
  io: CommandIo,
): Promise<void> {
  const report: DeployReport = deployReport(prepared, options, io);
  const planned = await planStage(prepared.aws, prepared.desired, options, prepared.summary);
  refuseProblems(planned);
  report.plan(planned.plan, knownBefore(planned));
  if (planned.plan.steps.length === 0) {
    if (!options.dryRun) await recordUnchanged(prepared, planned, options);
    report.nothingToChange();
    return;
  }
  if (options.dryRun) {
    report.planned();
    return;
  }
  if (!options.yes) await ask("Do this?");
  const interrupts = watchInterrupts(() => {
    io.stderr.write("\nStopping when what is under way has ended; press Ctrl-C again to end at once.\n");
  });
  try {
    const applied = await changeStage(prepared, planned, {
      planning: options,
      interrupt: interrupts.signal,
      progress: options.json ? silentProgress : createProgress(io),
      async onOtherPlan(other) {
        report.plan(other.plan, knownBefore(other));
        if (!options.yes) await ask("The stage has changed meanwhile. Do this instead?");
      },
    });
    report.applied(applied);
    if (applied.failure) throw applied.failure;
  } finally {
    interrupts.stopWatching();
  }
}

/** @throws QR_DEPLOY_DECLINED when the answer is not yes */
async function ask(message: string): Promise<void> {
  const { confirm } = await import("@clack/prompts");
  if ((await confirm({ message })) !== true) throw deployDeclinedError();
}
