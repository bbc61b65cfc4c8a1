import { sqsClient } from "../aws/sqs.js";
import { instanceConfig } from "../config/instance.js";
import { noProject } from "../errors/project-errors.js";
import type { QueueFunction } from "../lambda/functions.js";
import type { JobQueue } from "./job-queue.js";
import type { JobRecord } from "./job-record.js";

/**
 * The queue that a function's jobs come from, as this instance reaches it. Everything that speaks to SQS is loaded on
 * the first call: an invocation whose jobs all succeed at once makes none.
 *
 * @throws QR_NO_PROJECT on a call, when the instance was not configured
 */
export function instanceJobQueue(fn: QueueFunction, codeVersion: string): JobQueue<JobRecord> {
  let connecting: Promise<JobQueue<JobRecord>> | null = null;
  const connected = () => {
    connecting ??= connect(fn, codeVersion);
    return connecting;
  };
  return {
    changeVisibility: async (changes) => (await connected()).changeVisibility(changes),
    deleteMessages: async (receipts) => (await connected()).deleteMessages(receipts),
    sendDeadLetter: async (record, failure) => (await connected()).sendDeadLetter(record, failure),
  };
}

async function connect(fn: QueueFunction, codeVersion: string): Promise<JobQueue<JobRecord>> {
  const instance = instanceConfig();
  const link = instance?.queues[fn.name];
  if (!instance || !link) throw noProject(fn.name);
  const [{ createSqsJobQueue }, client] = await Promise.all([
    import("../aws/on-first-call.js"),
    sqsClient(instance),
  ]);
  return createSqsJobQueue({
    client,
    queueName: fn.name,
    queueUrl: instance.sqs.queueUrlPrefix + link.physicalName,
    deadLetterQueueUrl: instance.sqs.queueUrlPrefix + link.deadLetterPhysicalName,
    fifo: fn.fifo,
    codeVersion,
    now: instance.now ?? Date.now,
  });
}
