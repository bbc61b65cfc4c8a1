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
import { eventually } from "../waiting.js";
import type { OperationContext, Run } from "./operation.js";
import {
  isQueueDeletedRecently,
  isQueueLag,
  NEW_RESOURCE_BUDGET_MS,
  QUEUE_BUDGET_MS,
} from "./passing-failures.js";

export const createQueue: Run<"create-queue"> = async ({ physicalName, attributes, tags }, context) => {
  const { aws, scope, stop, say } = context;
  const create = async () => {
    try {
      await sqs(aws).send(new CreateQueueCommand({ QueueName: physicalName, Attributes: attributes, tags }));
    } catch (error) {
      if (isQueueDeletedRecently(error)) say(`${physicalName} was deleted less than a minute ago: waiting`);
      if (!isAwsError(error, "QueueNameExists", "QueueAlreadyExists")) throw error;
      await adopt(aws, context, physicalName, attributes);
    }
  };
  await eventually(create, {
    clock: aws.clock,
    stop,
    budgetMs: QUEUE_BUDGET_MS,
    isPassing: (error) => isQueueDeletedRecently(error) || isQueueLag(error),
  });
  // SQS takes a queue that is there with the same attributes for the one that was to be made, whosever it is.
  const url = await urlOf(context, physicalName);
  const { Tags = {} } = await sqs(aws).send(new ListQueueTagsCommand({ QueueUrl: url }));
  if (!isOurs(Tags, scope)) throw nameTakenError("queue", physicalName);
  return "done";
};

/** The queue is there with other attributes: ours get the wanted ones. */
async function adopt(
  aws: Aws,
  context: OperationContext,
  physicalName: string,
  attributes: Readonly<Record<string, string>>,
): Promise<void> {
  const url = await urlOf(context, physicalName);
  const { Tags = {} } = await sqs(aws).send(new ListQueueTagsCommand({ QueueUrl: url }));
  if (!isOurs(Tags, context.scope)) throw nameTakenError("queue", physicalName);
  // Which a queue is when it is made, and for good.
  const { FifoQueue: _, ...changeable } = attributes;
  await sqs(aws).send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: changeable }));
}

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
  const { aws, stop } = context;
  await eventually(async () => act(await findUrl(aws, physicalName)), {
    clock: aws.clock,
    stop,
    budgetMs: NEW_RESOURCE_BUDGET_MS,
    isPassing: isQueueLag,
  });
}

async function urlOf({ aws, stop }: OperationContext, physicalName: string): Promise<string> {
  return eventually(() => findUrl(aws, physicalName), {
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
