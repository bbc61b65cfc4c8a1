import type { Command } from "commander";
import type { StageFlags } from "../deploy/manage/open-stage.js";
import { stageMisnamedError, stageNotNamedError } from "../errors/deletion-errors.js";
import { useColors } from "../terminal/use-colors.js";
import type { CommandIo, GlobalOptions } from "./command.js";
import { addStageOptions } from "./stage-options.js";

type DeleteFlags = GlobalOptions &
  StageFlags & { force?: boolean; dryRun?: boolean; confirm?: string; json?: boolean };

/** `queue-run delete`: removes a stage and all that is in it. */
export function configure(command: Command, io: CommandIo): void {
  addStageOptions(command)
    .option("--force", "even where messages wait, which are lost")
    .option("--dry-run", "print what would be deleted, and delete nothing")
    .option("--confirm <stage>", "the stage's name, in place of being asked for it")
    .option("--json", "print what was deleted as JSON, at the end")
    .action(async () => {
      const flags = command.optsWithGlobals<DeleteFlags>();
      const { openStage } = await import("../deploy/manage/open-stage.js");
      const { readContents } = await import("../deploy/manage/delete/read-contents.js");
      const { planDeletion } = await import("../deploy/manage/delete/plan-deletion.js");
      const { messagesLeft } = await import("../deploy/manage/delete/messages-left.js");
      const { deleteStage } = await import("../deploy/manage/delete/delete-stage.js");
      const { createProgress, silentProgress } = await import("../deploy/apply/progress.js");
      const { planLines, planReport } = await import("../deploy/plan/print-plan.js");
      const { watchInterrupts } = await import("../deploy/interrupts.js");
      const { messagesLeftError } = await import("../errors/deletion-errors.js");
      const { stageNotDeployedError } = await import("../errors/stage-errors.js");
      const { createColors } = (await import("picocolors")).default;

      const { aws, project, stage } = await openStage(flags, io);
      const { account, partition } = await aws.identity();
      const scope = { project, stage, account, partition, region: aws.region };
      const contents = await readContents(aws, scope);
      const plan = planDeletion(scope, contents);
      if (plan.steps.length === 0) throw stageNotDeployedError(project, stage, aws.region);
      if (!flags.json)
        io.stdout.write(
          `Deleting ${project} ${stage} (account ${account}, ${aws.region})\n\n${planLines(plan, createColors(useColors(io))).join("\n")}\n\n`,
        );
      const left = await messagesLeft(aws, scope, contents);
      if (left.length > 0 && !flags.force) throw messagesLeftError(stage, left);
      if (!flags.dryRun) {
        await confirmName(stage, flags, io);
        const interrupts = watchInterrupts(() => {
          io.stderr.write(
            "\nStopping when what is under way has ended; press Ctrl-C again to end at once.\n",
          );
        });
        const progress = flags.json ? silentProgress : createProgress(io);
        await deleteStage(
          { aws, scope, plan, hasTable: Boolean(contents.table) },
          { interrupt: interrupts.signal, progress },
        ).finally(interrupts.stopWatching);
      }
      const result = flags.dryRun ? "planned" : "deleted";
      if (flags.json) io.stdout.write(`${JSON.stringify({ result, ...planReport(plan) }, null, 2)}\n`);
      else
        io.stdout.write(
          flags.dryRun
            ? "Nothing was deleted: this is what deleting would do.\n"
            : `Deleted ${project} ${stage}.\n`,
        );
    });
}

/** @throws QR_STAGE_NOT_NAMED where nobody can be asked, QR_STAGE_MISNAMED for another name */
async function confirmName(
  stage: string,
  { confirm, json }: DeleteFlags,
  { isTerminal }: CommandIo,
): Promise<void> {
  let given = confirm;
  if (given === undefined) {
    if (json || !isTerminal || !process.stdin.isTTY) throw stageNotNamedError(stage);
    const { isCancel, text } = await import("@clack/prompts");
    const answer = await text({ message: `Type the stage's name (${stage}) to delete it:` });
    given = isCancel(answer) ? "" : (answer ?? "");
  }
  if (given !== stage) throw stageMisnamedError(given, stage);
}
