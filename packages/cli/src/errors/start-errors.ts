import { QueueRunError } from "@queue-run/runtime/errors";

/** The folder of `--build` is not what `queue-run build` writes. */
export function noBuildError(folder: string, cause?: unknown): QueueRunError {
  return new QueueRunError({
    code: "QR_NO_BUILD",
    message: `${folder} holds no project that this version of queue-run has built.`,
    fix: "Run `npx queue-run build -o DIR` and give the same DIR to --build; or leave --build out, and the sources are built first.",
    cause,
  });
}

/** @param physicalNames - of the queues that SQS does not know */
export function queuesNotDeployedError(
  physicalNames: readonly string[],
  { stage, region, account }: { stage: string; region: string; account: string },
): QueueRunError {
  const subject =
    physicalNames.length === 1
      ? `The queue ${physicalNames[0]} is`
      : `The queues ${physicalNames.join(", ")} are`;
  return new QueueRunError({
    code: "QR_QUEUE_NOT_DEPLOYED",
    message: `${subject} not there in ${region}, account ${account}.`,
    fix: `Make what is missing with \`npx queue-run deploy --stage ${stage}\`, or mend --stage, --region, or whose credentials these are.`,
    details: { queues: physicalNames, stage, region, account },
  });
}

/** `requiredEnv` of queue-run.config.ts lists variables that have no value. */
export function variablesMissingError(names: readonly string[]): QueueRunError {
  const [first] = names;
  const them = names.length === 1 ? "it" : "them";
  return new QueueRunError({
    code: "QR_REQUIRED_ENV",
    message: `requiredEnv lists ${names.join(", ")}, and there is no value for ${them}.`,
    fix: `Set ${them} in the environment, or with -e ${first}=…`,
    details: { names },
  });
}

/** The stage of that name is the dev server's own. */
export function devStageError(command: string): QueueRunError {
  return new QueueRunError({
    code: "QR_STAGE_NAME",
    message: '"dev" is what development calls its stage: there is none of that name on AWS.',
    fix: `Name a deployed stage: \`queue-run ${command} --stage prod\`.`,
  });
}
