import { GetQueueUrlCommand } from "@aws-sdk/client-sqs";
import { physicalQueueNames } from "@queue-run/runtime/names";
import { orNull } from "../deploy/aws/aws-failure.js";
import type { Aws } from "../deploy/aws/connect.js";
import { sqs } from "../deploy/aws/sqs.js";
import { queuesNotDeployedError } from "../errors/start-errors.js";

/** Where the queues of a deployed stage are. */
export type StageQueues = {
  /** What a queue's physical name is appended to; empty when the project has no queue. */
  urlPrefix: string;
  /** By the queue's own name. */
  urls: ReadonlyMap<string, string>;
  account: string;
};

/**
 * Asks SQS where the queues of a stage are.
 *
 * @param names - of the project's queues
 * @throws QueueRunError `QR_QUEUE_NOT_DEPLOYED` for queues that are not there; why AWS could not be asked
 */
export async function findStageQueues(
  aws: Aws,
  { project, stage, names }: { project: string; stage: string; names: readonly string[] },
): Promise<StageQueues> {
  const found = await Promise.all(
    names.map(async (name) => {
      const physicalName = physicalQueueNames({ project, stage, name }).queue;
      const answer = await orNull(sqs(aws).send(new GetQueueUrlCommand({ QueueName: physicalName })));
      return { name, physicalName, url: answer?.QueueUrl ?? null };
    }),
  );
  const missing = found.filter(({ url }) => url === null).map(({ physicalName }) => physicalName);
  if (missing.length > 0) {
    const { account } = await aws.identity().catch(() => ({ account: "unknown" }));
    throw queuesNotDeployedError(missing, { stage, region: aws.region, account });
  }
  const urls = new Map(found.map(({ name, url }) => [name, url ?? ""]));
  const [first] = found;
  const urlPrefix = first?.url ? first.url.slice(0, -first.physicalName.length) : "";
  return { urlPrefix, urls, account: /\/(\d{12})\/$/.exec(urlPrefix)?.[1] ?? "" };
}

/** @returns a queue's ARN, in the partition of its region */
export function queueArn(region: string, account: string, physicalName: string): string {
  const partition = region.startsWith("cn-") ? "aws-cn" : region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
  return `arn:${partition}:sqs:${region}:${account}:${physicalName}`;
}
