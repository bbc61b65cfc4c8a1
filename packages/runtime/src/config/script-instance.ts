import { localQueueNames } from "../names/physical-names.js";
import { isFifoName } from "../names/queue-name.js";
import type { InstanceConfig, QueueLink } from "./instance.js";
import { type BundledQueue, instanceFromEnvironment } from "./instance-from-environment.js";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where scripts find their project's queues, and what else `queue-run exec` sets. */
export type ScriptEnvironment = {
  QUEUE_RUN_PROJECT: string;
  QUEUE_RUN_STAGE: string;
  /** What a queue's physical name is appended to. */
  QUEUE_RUN_SQS_URL_PREFIX: string;
  QUEUE_RUN_SQS_REGION: string;
  /** Every queue of the project: see `toScriptQueues`. */
  QUEUE_RUN_QUEUES: string;
  /** The dev server's SQS: its queues have their files' names, and its keys open nothing. */
  QUEUE_RUN_SQS_ENDPOINT?: string;
  /** The dev server's other services: its table and its Scheduler. */
  QUEUE_RUN_SERVICES_ENDPOINT?: string;
  /** The stage's table. */
  QUEUE_RUN_TABLE?: string;
  /** The group of jobs with long delays, and ARNs of its role and of its dead-letter queue. */
  QUEUE_RUN_DELAY_GROUP?: string;
  QUEUE_RUN_DELAY_ROLE?: string;
  QUEUE_RUN_DELAY_DLQ?: string;
  QUEUE_RUN_URL?: string;
};

/** Keys that open nothing: what development signs with, never the user's own. Its SQS takes any. */
export const DUMMY_KEYS = { accessKeyId: "queue-run-dev", secretAccessKey: "queue-run-dev" };

/** A queue as QUEUE_RUN_QUEUES has it: what is left out has its default, for environments are small. */
type ScriptQueue = Pick<BundledQueue, "name"> & Partial<BundledQueue>;

/** @returns the queues as a value of QUEUE_RUN_QUEUES */
export function toScriptQueues(queues: readonly BundledQueue[]): string {
  return JSON.stringify(
    queues.map(
      ({ name, jobs, maxPayloadBytes, maxHops, track, ...link }): ScriptQueue => ({
        name,
        ...(jobs?.join() !== "default" && { jobs }),
        ...(maxPayloadBytes !== null && { maxPayloadBytes }),
        ...(maxHops !== undefined && { maxHops }),
        ...(track && { track, ...ofRecords(link) }),
      }),
    ),
  );
}

function ofRecords({ retries, retentionSeconds, maxPending }: Partial<BundledQueue>): Partial<BundledQueue> {
  return {
    ...(retries !== undefined && { retries }),
    ...(retentionSeconds !== undefined && { retentionSeconds }),
    ...(maxPending !== undefined && { maxPending }),
  };
}

/**
 * What a script knows of the project that `queue-run exec` started it for.
 *
 * @returns null where nothing of the kind is in the environment
 */
export function scriptInstance(env: Environment): InstanceConfig | null {
  const { QUEUE_RUN_QUEUES, QUEUE_RUN_SQS_URL_PREFIX, QUEUE_RUN_SQS_ENDPOINT: endpoint } = env;
  if (!QUEUE_RUN_QUEUES || !QUEUE_RUN_SQS_URL_PREFIX) return null;
  const instance = instanceFromEnvironment(fromScriptQueues(QUEUE_RUN_QUEUES), env);
  const region = env.QUEUE_RUN_SQS_REGION ?? instance.sqs.region;
  const sqs = { ...instance.sqs, region };
  if (!endpoint) return { ...instance, sqs };
  const links = Object.values(instance.queues).map((link) => [link.name, withLocalNames(link)] as const);
  const services = env.QUEUE_RUN_SERVICES_ENDPOINT;
  return {
    ...(services ? withServicesAt(instance, services) : instance),
    queues: Object.fromEntries(links),
    // Whoever started the dev server has said which SQS it works with.
    sqs: { ...sqs, endpoint, credentials: DUMMY_KEYS, allowRemoteEndpoint: true },
  };
}

function fromScriptQueues(text: string): BundledQueue[] {
  return (JSON.parse(text) as ScriptQueue[]).map((queue) => ({
    jobs: ["default"],
    maxPayloadBytes: null,
    track: false,
    ...queue,
    fifo: isFifoName(queue.name),
  }));
}

function withServicesAt(instance: InstanceConfig, endpoint: string): InstanceConfig {
  const { table, delays } = instance;
  return {
    ...instance,
    ...(table && { table: { ...table, endpoint } }),
    ...(delays && { delays: { ...delays, endpoint } }),
  };
}

function withLocalNames(link: QueueLink): QueueLink {
  const { queue, deadLetterQueue } = localQueueNames(link.name);
  return { ...link, physicalName: queue, deadLetterPhysicalName: deadLetterQueue };
}
