import type { ScheduleInput } from "../aws/scheduler-client.js";
import type { MessageToSend } from "../aws/sqs-shapes.js";
import type { DelaysLink, QueueLink } from "../config/instance.js";
import { groupReplaced, payloadTooLarge } from "../errors/push-errors.js";
import { SCHEDULER_MAX_INPUT_BYTES } from "../limits/index.js";
import { delayedMessageName } from "../names/delayed-messages.js";

/** A time that is past when the request arrives is refused: this is what the request, and its retries, may take. */
const SHORTEST_DELAY_MS = 5_000;
/** What the Scheduler replaces, wherever it is in the Input (User Guide, "Adding context attributes"). */
const PLACEHOLDER = "<aws.scheduler.";

/**
 * A message that waits for its time, as a schedule of EventBridge Scheduler, which sends it with SQS's own SendMessage, so
 * that attributes travel along, and is deleted then.
 *
 * @param message - its body is in base64
 * @param dueAt - milliseconds since 1970, as `now`
 * @throws QR_PAYLOAD_TOO_LARGE; QR_INVALID_GROUP for one that would not arrive as it is
 */
export function toSchedule({
  delays,
  link,
  queueUrl,
  message,
  jobId,
  dueAt,
  now,
}: {
  delays: DelaysLink;
  link: QueueLink;
  queueUrl: string;
  message: MessageToSend;
  jobId: string;
  dueAt: number;
  now: number;
}): ScheduleInput {
  const { scheduleGroup, roleArn, deadLetterArn } = delays;
  for (const id of [message.MessageGroupId, message.MessageDeduplicationId])
    if (id?.includes(PLACEHOLDER)) throw groupReplaced(link.name, id, PLACEHOLDER);
  return {
    Name: delayedMessageName(link.physicalName, jobId),
    GroupName: scheduleGroup,
    ClientToken: jobId,
    ScheduleExpression: `at(${toScheduleTime(Math.max(dueAt, now + SHORTEST_DELAY_MS))})`,
    ScheduleExpressionTimezone: "UTC",
    FlexibleTimeWindow: { Mode: "OFF" },
    ActionAfterCompletion: "DELETE",
    Target: {
      Arn: `arn:${roleArn.split(":")[1]}:scheduler:::aws-sdk:sqs:sendMessage`,
      RoleArn: roleArn,
      Input: toInput(link.name, { QueueUrl: queueUrl, ...message }),
      ...(deadLetterArn !== null && { DeadLetterConfig: { Arn: deadLetterArn } }),
    },
  };
}

/** @returns whole seconds in UTC, without a zone; rounded up, so that nothing is early */
function toScheduleTime(dueAt: number): string {
  return new Date(Math.ceil(dueAt / 1_000) * 1_000).toISOString().slice(0, 19);
}

/** What is left of placeholders, in texts of the envelope, is written so that it is none, and read as it was. */
function toInput(queueName: string, input: object): string {
  const text = JSON.stringify(input).replaceAll("<", "\\u003c");
  const bytes = Buffer.byteLength(text);
  if (bytes <= SCHEDULER_MAX_INPUT_BYTES) return text;
  const limit =
    "with its envelope, the limit of EventBridge Scheduler, which sends what is due later than SQS can delay it,";
  throw payloadTooLarge(queueName, bytes, SCHEDULER_MAX_INPUT_BYTES, limit);
}
