import { GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import {
  isFifoName,
  localQueueNames,
  type PhysicalNames,
  physicalQueueNames,
} from "@queue-run/runtime/names";
import { LOCAL_TABLE } from "../../../dev/services/table-service.js";
import { awsFailure, orNull } from "../../aws/aws-failure.js";
import { sqs } from "../../aws/sqs.js";
import { tableName } from "../../desired/resource-names.js";
import { inParallel } from "../../in-parallel.js";
import type { Stage } from "../open-stage.js";
import type { DeadLetterQueue } from "./dead-letter-queue.js";
import { recordsOfTable } from "./redrive-records.js";

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
  const { region, settings } = aws;
  const records = once(async () => {
    const { credentials } = settings;
    const keys = typeof credentials === "function" ? await credentials() : credentials;
    return recordsOfTable({ name: tableName({ project, stage }), region, credentials: keys });
  });
  return findQueues(names, physicalNames, { sqs: sqs(aws), waitSeconds: AWS_WAIT_SECONDS, records });
}

/**
 * @param endpoint - of the SQS that a running dev server uses
 * @param names - queue files' names
 */
export function findDevQueues(endpoint: string, names: readonly string[]): Promise<DeadLetterQueue[]> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const region = "us-east-1";
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new SQSClient({
    endpoint,
    region,
    credentials,
    useQueueUrlAsEndpoint: false,
  });
  client.middlewareStack.add(
    (next, context) => (call) =>
      next(call).catch((error: unknown) => {
        throw awsFailure(error, { service: "sqs", command: String(context.commandName), input: {}, region });
      }),
    { step: "initialize", priority: "high", name: "queueRunFailures" },
  );
  const records = once(async () => recordsOfTable({ name: LOCAL_TABLE, region, endpoint, credentials }));
  return findQueues(names, localQueueNames, { sqs: client, waitSeconds: 0, records });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

async function findQueues(
  names: readonly string[],
  physicalNames: (name: string) => PhysicalNames,
  reached: Pick<DeadLetterQueue, "waitSeconds" | "records"> & { sqs: SQSClient },
): Promise<DeadLetterQueue[]> {
  const client = reached.sqs;
  const urlOf = async (QueueName: string) =>
    (await orNull(client.send(new GetQueueUrlCommand({ QueueName }))))?.QueueUrl ?? null;
  const found = await inParallel(names, CALLS_AT_ONCE, async (name) => {
    const physical = physicalNames(name);
    const [queueUrl, deadLetterUrl] = await Promise.all([
      urlOf(physical.queue),
      urlOf(physical.deadLetterQueue),
    ]);
    if (queueUrl === null || deadLetterUrl === null) return [];
    return [{ name, fifo: isFifoName(name), queueUrl, deadLetterUrl, ...reached }];
  });
  return found.flat();
}
