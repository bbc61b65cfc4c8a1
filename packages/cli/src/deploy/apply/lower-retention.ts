import { SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { readOldestMessages } from "../actual/read-oldest-messages.js";
import { sqs } from "../aws/sqs.js";
import type { Run } from "./operation.js";
import { readQueueContents } from "./queue-contents.js";

/** CloudWatch's figure is some minutes old, and SQS takes up to a quarter of an hour. SQS API Reference, SetQueueAttributes. */
const MARGIN_SECONDS = 1_800;

/**
 * Lets a queue keep its messages for a shorter time. SQS deletes at once what is older than that, so it is done only
 * when the queue is empty, or all that is in it is younger.
 */
export const lowerRetention: Run<"lower-retention"> = async ({ physicalName, seconds }, { aws, say }) => {
  const contents = await readQueueContents(aws, physicalName);
  if (!contents) return "done";
  if (contents.messages > 0) {
    const oldest = (await readOldestMessages(aws, [physicalName])).get(physicalName);
    if (oldest === undefined || oldest + MARGIN_SECONDS > seconds) {
      say(
        `${physicalName} keeps its messages as long as before, since some may be older than ${seconds} s: run again`,
      );
      return "left";
    }
  }
  await sqs(aws).send(
    new SetQueueAttributesCommand({
      QueueUrl: contents.url,
      Attributes: { MessageRetentionPeriod: String(seconds) },
    }),
  );
  return "done";
};
