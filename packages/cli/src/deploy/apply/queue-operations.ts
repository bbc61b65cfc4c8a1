import {
  CreateQueueCommand,
  DeleteQueueCommand,
  ListQueueTagsCommand,
  QueueDoesNotExist,
  SetQueueAttributesCommand,
  TagQueueCommand,
  UntagQueueCommand,
} from "@aws-sdk/client-sqs";
import { nameTakenError } from "../../errors/deploy-errors.js";
import { queueUrlOf } from "../actual/read-queue.js";
import { awsFailure, isAwsError, orNull } from "../aws/aws-failure.js";
import type { Aws } from "../aws/connect.js";
import { sqs } from "../aws/sqs.js";
import { isOurs } from "../desired/resource-tags.js";
import { eventually, lookUntil } from "../waiting.js";
import type { OperationContext, Run } from "./operation.js";
import {
  isQueueDeletedRecently,
  isQueueLag,
  NEW_RESOURCE_BUDGET_MS,
  QUEUE_BUDGET_MS,
} from "./passing-failures.js";

/** The tags of a queue of a second ago may not be seen yet. */
const NEW_TAGS_BUDGET_MS = 10_000;

export const createQueue: Run<"create-queue"> = async ({ physicalName, attributes, tags }, context) => {
  const { aws, scope, stop, say } = context;
  const client = sqs(aws);
  const command = new CreateQueueCommand({ QueueName: physicalName, Attributes: attributes, tags });
  const create = async (): Promise<{ url: string; isAsWanted: boolean }> => {
    try {
      return { url: (await client.send(command)).QueueUrl ?? "", isAsWanted: true };
    } catch (error) {
      if (isQueueDeletedRecently(error)) say(`${physicalName} was deleted less than a minute ago: waiting`);
      if (!isAwsError(error, "QueueNameExists", "QueueAlreadyExists")) throw error;
      return { url: await findUrl(aws, physicalName), isAsWanted: false };
    }
  };
  const { url, isAsWanted } = await eventually(create, {
    clock: aws.clock,
    stop,
    budgetMs: QUEUE_BUDGET_MS,
    isPassing: (error) => isQueueDeletedRecently(error) || isQueueLag(error),
  });
  // SQS takes a queue that is there with the same attributes for the one that was to be made, whosever it is.
  const ours = await lookUntil(
    async () => {
      const found = await orNull(client.send(new ListQueueTagsCommand({ QueueUrl: url })));
      return isOurs(found?.Tags ?? {}, scope) ? true : undefined;
    },
    { clock: aws.clock, stop, budgetMs: NEW_TAGS_BUDGET_MS },
  );
  if (!ours) throw nameTakenError("queue", physicalName);
  if (!isAsWanted) {
    // Which a queue is when it is made, and for good.
    const { FifoQueue: _, ...changeable } = attributes;
    await client.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: changeable }));
  }
  return "done";
};

export const setQueueAttributes: Run<"set-queue-attributes"> = async (
  { physicalName, attributes },
  context,
) => {
  await withQueue(context, physicalName, (QueueUrl) =>
    sqs(context.aws).send(new SetQueueAttributesCommand({ QueueUrl, Attributes: attributes })),
  );
  return "done";
};

export const tagQueue: Run<"tag-queue"> = async ({ physicalName, tags, removedTags }, context) => {
  await withQueue(context, physicalName, async (QueueUrl) => {
    await sqs(context.aws).send(new TagQueueCommand({ QueueUrl, Tags: tags }));
    if (removedTags.length > 0)
      await sqs(context.aws).send(new UntagQueueCommand({ QueueUrl, TagKeys: removedTags }));
  });
  return "done";
};

export const deleteQueue: Run<"delete-queue"> = async ({ physicalName }, { aws }) => {
  const QueueUrl = await queueUrlOf(aws, physicalName);
  if (QueueUrl !== null) await orNull(sqs(aws).send(new DeleteQueueCommand({ QueueUrl })));
  return "done";
};

/** Does something with a queue that may be a second old. */
async function withQueue(
  context: OperationContext,
  physicalName: string,
  act: (url: string) => Promise<unknown>,
): Promise<void> {
  await whenSeen(context, async () => act(await findUrl(context.aws, physicalName)));
}

async function whenSeen<T>({ aws, stop }: OperationContext, attempt: () => Promise<T>): Promise<T> {
  return eventually(attempt, {
    clock: aws.clock,
    stop,
    budgetMs: NEW_RESOURCE_BUDGET_MS,
    isPassing: isQueueLag,
  });
}

async function findUrl(aws: Aws, physicalName: string): Promise<string> {
  const url = await queueUrlOf(aws, physicalName);
  if (url !== null) return url;
  const missing = new QueueDoesNotExist({
    message: `There is no queue ${physicalName}`,
    $metadata: { httpStatusCode: 400 },
  });
  const context = { service: "sqs", command: "GetQueueUrlCommand", input: {}, region: aws.region };
  throw awsFailure(missing, context);
}
