import { QueueRunError } from "@queue-run/runtime/errors";
import { nearestName } from "@queue-run/runtime/names";
import { UsageError } from "./usage-error.js";

/** `--stage` is a name that no stage can have. */
export function stageNameError(problem: { message: string; fix: string }): UsageError {
  return new UsageError({ code: "QR_STAGE_NAME", ...problem });
}

/** There is nothing of the stage in this account and region. */
export function stageNotDeployedError(project: string, stage: string, region: string): QueueRunError {
  return new QueueRunError({
    code: "QR_STAGE_NOT_DEPLOYED",
    message: `The stage ${stage} of ${project} is not deployed in ${region}.`,
    fix: `Deploy it with \`queue-run deploy --stage ${stage}\`, or name another with --stage or --region.`,
    details: { project, stage, region },
  });
}

/**
 * A function that the stage does not have.
 *
 * @param id - "queue:emails"
 * @param known - every function's id
 */
export function unknownFunctionError(id: string, known: readonly string[]): QueueRunError {
  const nearest = nearestName(id, known);
  const [kind = "", name] = id.split(":");
  return new QueueRunError({
    code: "QR_FUNCTION_NOT_FOUND",
    message: name ? `No ${kind} ${name} is deployed.` : `No ${kind} is deployed.`,
    fix: nearest ? `Did you mean ${nearest.replace(":", " ")}?` : `There is ${known.join(", ")}.`,
    details: { id, nearest },
  });
}

/** The project has the queue, the stage does not yet. */
export function queueNotDeployedError(name: string, stage: string, region: string): QueueRunError {
  return new QueueRunError({
    code: "QR_QUEUE_NOT_DEPLOYED",
    message: `The queue ${name} is not deployed to ${stage} in ${region}.`,
    fix: `Deploy it with \`queue-run deploy --stage ${stage}\`, or name another with --stage or --region.`,
    details: { queueName: name, stage, region },
  });
}
