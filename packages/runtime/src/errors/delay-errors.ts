import { QueueRunError } from "./queue-run-error.js";

/** EventBridge Scheduler did not take a message that waits for its time, or did not give it back. */
export function scheduleFailed(queueName: string, action: string, cause: unknown): QueueRunError {
  const { name = "Error", message = String(cause) } = cause as Partial<Error>;
  return new QueueRunError({
    code: "QR_SCHEDULE_FAILED",
    message: `A push to ${JSON.stringify(queueName)} could not be ${action === "CreateSchedule" ? "delayed" : "taken back"}: ${name}: ${message}`,
    fix: fixOf(name, action),
    cause,
  });
}

function fixOf(errorName: string, action: string): string {
  if (/AccessDenied/.test(errorName))
    return `The function's role lacks scheduler:${action} on the stage's delayed messages, or iam:PassRole on the role that sends them: deploy again, or add what is missing to \`permissions\``;
  if (errorName === "ServiceQuotaExceededException")
    return "The account has as many schedules as its quota allows: ask AWS to raise it, or delay fewer jobs";
  if (errorName === "ResourceNotFoundException")
    return "The stage's schedule group is gone: deploy again, which makes it";
  return "The cause has the answer of AWS; push again when it is mended";
}

/** This instance was never told of a Scheduler. */
export function delaysNotDeployed(queueName: string, stage: string): QueueRunError {
  return new QueueRunError({
    code: "QR_DELAYS_NOT_DEPLOYED",
    message: `A push to ${JSON.stringify(queueName)} is due later than SQS can delay it, and stage ${JSON.stringify(stage)} has no Scheduler that this process knows of`,
    fix: "Deploy the stage again, which makes what sends delayed messages (variables QUEUE_RUN_DELAY_GROUP and QUEUE_RUN_DELAY_ROLE)",
  });
}
