import { type Command, InvalidArgumentError } from "commander";
import type { StageFlags } from "../deploy/manage/open-stage.js";
import { columns } from "../terminal/served-table.js";
import type { CommandIo, GlobalOptions } from "./command.js";
import { addStageOptions } from "./stage-options.js";

type VersionsFlags = GlobalOptions & StageFlags & { limit: number; json?: boolean };

const DEFAULT_LIMIT = 20;

/** `queue-run versions`: the deploys of a stage, newest first. */
export function configure(command: Command, io: CommandIo): void {
  addStageOptions(command)
    .option("--limit <number>", "most deploys", toLimit, DEFAULT_LIMIT)
    .option("--json", "print JSON")
    .action(async () => {
      const flags = command.optsWithGlobals<VersionsFlags>();
      const { openStage } = await import("../deploy/manage/open-stage.js");
      const { listDeployRecords } = await import("../deploy/apply/deploy-record.js");
      const { tableName } = await import("../deploy/desired/resource-names.js");
      const { servingDeploy } = await import("../deploy/manage/rollback/choose-deploy.js");
      const { changedFunctions } = await import("../deploy/manage/rollback/changed-functions.js");
      const stage = await openStage(flags, io);
      // One more, to tell what the last of them changed.
      const deploys = await listDeployRecords(stage.aws, tableName(stage), flags.limit + 1);
      const serving = servingDeploy(deploys)?.id ?? null;
      const listed = deploys.slice(0, flags.limit).map((deploy, at) => ({
        ...deploy,
        serves: deploy.id === serving,
        changed: changedFunctions(deploy, deploys[at + 1] ?? null),
      }));
      const rows = listed.map(({ id, who, status, goesBackTo, serves, changed }) => [
        serves ? "*" : "",
        id,
        status === "started" ? "did not end" : goesBackTo ? `back to ${goesBackTo}` : "",
        changed.length > 0 ? changed.join(", ") : "settings",
        who,
      ]);
      const text = flags.json
        ? JSON.stringify({ deploys: listed }, null, 2)
        : rows.length > 0
          ? [...columns(rows), "", "* serves. Go back with: npx queue-run rollback --to DEPLOY"].join("\n")
          : `No deploy of the stage ${flags.stage} is recorded in ${stage.aws.region}.`;
      io.stdout.write(`${text}\n`);
    });
}

function toLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1)
    throw new InvalidArgumentError("It is a number of deploys, at least 1.");
  return limit;
}
