import { GetQueueUrlCommand } from "@aws-sdk/client-sqs";
import { configureInstance, instanceFromEnvironment } from "@queue-run/runtime/instance";
import { physicalQueueNames } from "@queue-run/runtime/names";
import { toBundledQueue } from "../../build/bundled-queue.js";
import { ProjectProblemsError } from "../../errors/project-errors.js";
import { queueNotDeployedError } from "../../errors/stage-errors.js";
import { unknownQueueError } from "../../errors/unknown-name-errors.js";
import { readProject } from "../../project/read-project.js";
import { orNull } from "../aws/aws-failure.js";
import { sqs } from "../aws/sqs.js";
import { desiredDelays } from "../desired/desired-delays.js";
import { delayVariables } from "../desired/desired-environment.js";
import { tableName } from "../desired/resource-names.js";
import type { Stage } from "./open-stage.js";

/**
 * Pushes a job to a deployed queue as a handler would: with the same checks, envelope and errors.
 *
 * @param root - the project's folder
 * @param options - of `queue.push`
 * @returns the job's id
 * @throws QR_QUEUE_NOT_FOUND, QR_QUEUE_NOT_DEPLOYED, and what a push throws
 */
export async function pushJob(
  { project, stage, aws, outline }: Stage,
  root: string,
  name: string,
  payload: unknown,
  options: object,
): Promise<string> {
  if (!outline.queueNames.includes(name)) throw unknownQueueError(name, outline.queueNames);
  const reading = await readProject(root, { stage });
  if ("problems" in reading) throw new ProjectProblemsError(reading.problems);
  const { queue } = physicalQueueNames({ project, stage, name });
  const found = await orNull(sqs(aws).send(new GetQueueUrlCommand({ QueueName: queue })));
  if (!found?.QueueUrl) throw queueNotDeployedError(name, stage, aws.region);
  const [credentials, { account, partition }] = await Promise.all([
    sqs(aws).config.credentials(),
    aws.identity(),
  ]);
  const scope = { project, stage, partition, account, region: aws.region };
  const delays = desiredDelays(reading.manifest.queues, scope, {});
  const instance = instanceFromEnvironment(reading.manifest.queues.map(toBundledQueue), {
    QUEUE_RUN_PROJECT: project,
    QUEUE_RUN_STAGE: stage,
    QUEUE_RUN_SQS_URL_PREFIX: found.QueueUrl.slice(0, -queue.length),
    QUEUE_RUN_TABLE: tableName(scope),
    ...(delays && delayVariables(delays)),
    AWS_REGION: aws.region,
  });
  configureInstance({ ...instance, sqs: { ...instance.sqs, credentials } });
  const { queues } = await import("@queue-run/runtime");
  return queues.get(name).push(payload, options);
}
