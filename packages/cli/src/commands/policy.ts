import { type Command, InvalidArgumentError } from "commander";
import { requireStageName } from "../deploy/desired/stage-name.js";
import { readProjectConfig } from "../project/read-project-config.js";
import type { CommandIo, GlobalOptions } from "./command.js";
import { addStageOptions } from "./stage-options.js";

type PolicyFlags = GlobalOptions & { stage: string; region?: string; account: string };

/** `queue-run policy`: the least that IAM must allow whoever deploys a stage. Needs no account. */
export function configure(command: Command, io: CommandIo): void {
  addStageOptions(command)
    .option("--account <id>", "the AWS account's number", toAccount, "*")
    .option("--json", "print the policy (it is JSON anyway)")
    .addHelpText(
      "after",
      '\nFor instance: aws iam create-policy --policy-name deploy-prod --policy-document "$(npx queue-run policy)"',
    )
    .action(async () => {
      const { cwd, stage, region, account } = command.optsWithGlobals<PolicyFlags>();
      requireStageName(stage);
      const { deployerPolicy } = await import("../deploy/manage/policy/deployer-policy.js");
      const { name, config } = await readProjectConfig(cwd, { stage });
      const place = region ?? config.region ?? "*";
      const scope = { project: name, stage, region: place, account, partition: partitionOf(place) };
      io.stdout.write(
        `${JSON.stringify(deployerPolicy(scope, { vpc: config.vpc !== undefined }), null, 2)}\n`,
      );
    });
}

function toAccount(text: string): string {
  if (!/^(\d{12}|\*)$/.test(text))
    throw new InvalidArgumentError("An account's number has twelve digits: 123456789012.");
  return text;
}

/** AWS General Reference, "Amazon Resource Names (ARNs)". */
function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  if (region.startsWith("us-gov-")) return "aws-us-gov";
  return "aws";
}
