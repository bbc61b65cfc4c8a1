import { CreateQueueCommand } from "@aws-sdk/client-sqs";
import type { Manifest, QueueDefinition } from "../../packages/cli/src/project/manifest.js";
import { readProject } from "../../packages/cli/src/project/read-project.js";
import { functionTimeoutSeconds, visibilityTimeoutSeconds } from "../../packages/runtime/src/config/index.js";
import { runCommand } from "../harness/command.js";
import { journalOf } from "../harness/journal.js";
import { type LocalQueues, sqsAt } from "../harness/local-queues.js";
import { packageProject } from "../harness/packaged-project.js";
import { copyProject, type TemporaryProject } from "../harness/temporary-project.js";
import { type LambdaInstance, startInstance } from "./lambda-instance.js";
import { poll } from "./lambda-poller.js";
import type { RunningPlace } from "./place.js";
import { startRicInstance } from "./ric-instance.js";

const ACCOUNT = "000000000000";
const STAGE = "test";

type Options = {
  account?: string;
  instancesPerFunction?: number;
  /** Bundles run in plain processes; zips under AWS's own runtime client. */
  as?: "bundles" | "zips";
};

/**
 * Builds the contract project as it would be deployed, makes its queues at an SQS endpoint, and lets instances of its
 * functions take what arrives there: two of each, so that groups run side by side.
 */
export async function startBuiltFunctions(
  endpoint: string,
  { account = ACCOUNT, instancesPerFunction = 2, as = "bundles" }: Options = {},
): Promise<RunningPlace> {
  const project = copyProject("test/fixtures/contract", { keep: true });
  const { manifest, start } = as === "bundles" ? await build(project) : await packaged(project);
  const sqs = sqsAt(endpoint, { account, prefix: `${manifest.name}-${STAGE}-` });
  const env = {
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: "us-east-1",
    AWS_ENDPOINT_URL_SQS: endpoint,
    CONTRACT_JOURNAL: project.path("journal.jsonl"),
    QUEUE_RUN_PROJECT: manifest.name,
    QUEUE_RUN_STAGE: STAGE,
    QUEUE_RUN_SQS_URL_PREFIX: `${endpoint}/${account}/`,
  };
  const stopping = new AbortController();
  const loops: Promise<void>[] = [];
  const instances: LambdaInstance[] = [];
  for (const queue of manifest.queues) {
    await createQueues(sqs, queue);
    const mapping = {
      queue: queue.name,
      batchSize: queue.settings.batchSize,
      functionTimeoutSeconds: functionTimeoutSeconds(queue.settings, queue.fifo),
    };
    for (let count = 0; count < instancesPerFunction; count++) {
      const instance = await start(queue.name, { ...env, AWS_LAMBDA_FUNCTION_NAME: queue.name });
      instances.push(instance);
      loops.push(poll(sqs, mapping, instance, stopping.signal));
    }
  }
  const polling = Promise.all(loops);
  // A loop that fails, fails the suite when it stops; until then its queue stands still, and tests tell of that.
  polling.catch(() => {});
  return {
    sqs,
    journal: journalOf(project.folder),
    async stop() {
      stopping.abort();
      try {
        await polling;
      } finally {
        for (const instance of instances) instance.stop();
        sqs.close();
        project.dispose();
      }
    },
  };
}

type Built = {
  manifest: Manifest;
  start: (queue: string, env: Record<string, string>) => LambdaInstance | Promise<LambdaInstance>;
};

async function build(project: TemporaryProject): Promise<Built> {
  const { code, stderr } = await runCommand(["build", "-o", "out"], { cwd: project.folder });
  if (code !== 0) throw new Error(stderr);
  const reading = await readProject(project.folder, { stage: STAGE });
  if ("problems" in reading) throw new Error(JSON.stringify(reading.problems));
  const bundleOf = (queue: string) => project.path(`out/queue-${queue.replaceAll(".", "-")}/index.mjs`);
  return { manifest: reading.manifest, start: (queue, env) => startInstance(bundleOf(queue), env) };
}

async function packaged(project: TemporaryProject): Promise<Built> {
  const { manifest, zipOf } = await packageProject(project.folder, { stage: STAGE });
  return { manifest, start: (queue, env) => startRicInstance(zipOf(`queue:${queue}`), env) };
}

async function createQueues(sqs: LocalQueues, { name, fifo, settings }: QueueDefinition): Promise<void> {
  const base = fifo ? name.slice(0, -".fifo".length) : name;
  const ofKind = fifo
    ? { FifoQueue: "true", DeduplicationScope: "messageGroup", FifoThroughputLimit: "perMessageGroupId" }
    : {};
  const nameOf = (queue: string) => sqs.urlOf(queue).replace(/^.*\//, "");
  await sqs.client.send(
    new CreateQueueCommand({
      QueueName: nameOf(fifo ? `${base}-dlq.fifo` : `${base}-dlq`),
      Attributes: ofKind,
    }),
  );
  await sqs.client.send(
    new CreateQueueCommand({
      QueueName: nameOf(name),
      Attributes: { ...ofKind, VisibilityTimeout: String(visibilityTimeoutSeconds(settings, fifo)) },
    }),
  );
}
