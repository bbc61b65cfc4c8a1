import type { CommandIo } from "../commands/command.js";
import { deployDeclinedError } from "../errors/deploy-errors.js";
import { createProgress, silentProgress } from "./apply/progress.js";
import { changeStage, recordUnchanged, refuseProblems, urlOf } from "./change-stage.js";
import { deployReport } from "./deploy-report.js";
import { watchInterrupts } from "./interrupts.js";
import { planStage } from "./plan-stage.js";
import { type DeployTarget, prepareDeploy } from "./prepare-deploy.js";

export type DeployOptions = DeployTarget & {
  dryRun: boolean;
  /** Do not ask. */
  yes: boolean;
  prune: boolean;
  refresh: boolean;
  json: boolean;
};

/**
 * `queue-run deploy`: prints the plan, asks, and does exactly that.
 *
 * @throws what stopped it; with `json`, after the report was printed
 */
export async function runDeploy(options: DeployOptions, io: CommandIo): Promise<void> {
  const prepared = await prepareDeploy(options, io);
  const report = deployReport(prepared, options, io);
  const planned = await planStage(prepared.aws, prepared.desired, options);
  refuseProblems(planned);
  report.plan(planned.plan, urlOf(planned));
  if (planned.plan.steps.length === 0) {
    if (!options.dryRun) await recordUnchanged(prepared, planned);
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
        report.plan(other.plan, urlOf(other));
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
