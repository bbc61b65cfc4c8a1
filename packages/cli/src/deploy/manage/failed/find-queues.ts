import { GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import {
  isFifoName,
  localQueueNames,
  type PhysicalNames,
  physicalQueueNames,
} from "@queue-run/runtime/names";
import { awsFailure, orNull } from "../../aws/aws-failure.js";
import { sqs } from "../../aws/sqs.js";
import { inParallel } from "../../in-parallel.js";
import type { Stage } from "../open-stage.js";
import type { DeadLetterQueue } from "./dead-letter-queue.js";

/** On AWS: long enough to ask all of SQS's servers, so that no answer means no message. */
const AWS_WAIT_SECONDS = 2;
const CALLS_AT_ONCE = 10;

/**
 * @param names - queue files' names, also of files that are gone
 * @returns those of the queues that are on AWS
 */
export function findStageQueues(
  { project, stage, aws }: Stage,
  names: readonly string[],
): Promise<DeadLetterQueue[]> {
  const physicalNames = (name: string) => physicalQueueNames({ project, stage, name });
  return findQueues(names, physicalNames, sqs(aws), AWS_WAIT_SECONDS);
}

/**
 * @param endpoint - of the SQS that a running dev server uses
 * @param names - queue files' names
 */
export function findDevQueues(endpoint: string, names: readonly string[]): Promise<DeadLetterQueue[]> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const region = "us-east-1";
  const client = new SQSClient({
    endpoint,
    region,
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    useQueueUrlAsEndpoint: false,
  });
  client.middlewareStack.add(
    (next, context) => (call) =>
      next(call).catch((error: unknown) => {
        throw awsFailure(error, { service: "sqs", command: String(context.commandName), input: {}, region });
      }),
    { step: "initialize", priority: "high", name: "queueRunFailures" },
  );
  return findQueues(names, localQueueNames, client, 0);
}

async function findQueues(
  names: readonly string[],
  physicalNames: (name: string) => PhysicalNames,
  client: SQSClient,
  waitSeconds: number,
): Promise<DeadLetterQueue[]> {
  const urlOf = async (QueueName: string) =>
    (await orNull(client.send(new GetQueueUrlCommand({ QueueName }))))?.QueueUrl ?? null;
  const found = await inParallel(names, CALLS_AT_ONCE, async (name) => {
    const physical = physicalNames(name);
    const [queueUrl, deadLetterUrl] = await Promise.all([
      urlOf(physical.queue),
      urlOf(physical.deadLetterQueue),
    ]);
    if (queueUrl === null || deadLetterUrl === null) return [];
    return [{ name, fifo: isFifoName(name), queueUrl, deadLetterUrl, sqs: client, waitSeconds }];
  });
  return found.flat();
}
