import { GetQueueAttributesCommand, GetQueueUrlCommand, ListQueueTagsCommand } from "@aws-sdk/client-sqs";
import { orNull } from "../aws/aws-failure.js";
import type { Aws } from "../aws/connect.js";
import { sqs } from "../aws/sqs.js";
import type { ActualQueue } from "./actual-state.js";

/** @returns the URL of a queue; null where there is none of that name */
export async function queueUrlOf(aws: Aws, physicalName: string): Promise<string | null> {
  const found = await orNull(sqs(aws).send(new GetQueueUrlCommand({ QueueName: physicalName })));
  return found?.QueueUrl ?? null;
}

/** Reads a queue in detail; null where there is none. */
export async function readQueue(aws: Aws, physicalName: string): Promise<ActualQueue | null> {
  const url = await queueUrlOf(aws, physicalName);
  if (url === null) return null;
  // A queue that is being deleted still has a URL for a while.
  return orNull(
    Promise.all([
      sqs(aws).send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] })),
      sqs(aws).send(new ListQueueTagsCommand({ QueueUrl: url })),
    ]).then(([{ Attributes = {} }, { Tags = {} }]) => ({ url, attributes: Attributes, tags: Tags })),
  );
}
