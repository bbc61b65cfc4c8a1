import { GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { queueUrlOf } from "../actual/read-queue.js";
import { orNull } from "../aws/aws-failure.js";
import type { Aws } from "../aws/connect.js";
import { sqs } from "../aws/sqs.js";

/** A queue that may be deleted, and what is in it. */
export type QueueContents = {
  url: string;
  arn: string;
  policy: string | undefined;
  /** By SQS's counts, which lag: visible, in flight and delayed together. */
  messages: number;
};

/** @returns what is in a queue; null where there is none of that name */
export async function readQueueContents(aws: Aws, physicalName: string): Promise<QueueContents | null> {
  const url = await queueUrlOf(aws, physicalName);
  if (url === null) return null;
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] });
  const found = await orNull(sqs(aws).send(command));
  if (!found) return null;
  const Attributes: Record<string, string> = found.Attributes ?? {};
  const count = (name: string) => Number(Attributes[name] ?? 0);
  return {
    url,
    arn: Attributes.QueueArn ?? "",
    policy: Attributes.Policy,
    messages:
      count("ApproximateNumberOfMessages") +
      count("ApproximateNumberOfMessagesNotVisible") +
      count("ApproximateNumberOfMessagesDelayed"),
  };
}
