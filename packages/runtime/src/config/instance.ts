import type { HttpTransport } from "../aws/http-transport.js";
import { scriptInstance } from "./script-instance.js";

/**
 * What one running instance (a Lambda execution environment, a development worker, a script under `exec`) knows of
 * the project it serves. The entry point of a function sets it once, before any handler is loaded; everything else
 * reads it. It is the only module-level state of the runtime besides connections.
 */
export type InstanceConfig = {
  project: string;
  /** "dev" in development. */
  stage: string;
  /** Every queue of the project by name. */
  queues: Record<string, QueueLink>;
  /** Where SQS is. On AWS, endpoint and credentials are left out: the region's own, and the environment's. */
  sqs: {
    region: string;
    /** `http://127.0.0.1:9324` in development. */
    endpoint?: string;
    /** Given in development only (dummy keys): our calls there never use the user's own credentials. */
    credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
    /** Development: carries requests to the SQS of the dev server, which this instance runs in, in place of HTTP. */
    transport?: HttpTransport;
    /** Development calls only SQS on this machine, unless the user named another endpoint. */
    allowRemoteEndpoint?: boolean;
    /** What a queue's physical name is appended to: `https://sqs.us-east-1.amazonaws.com/123456789012/`. */
    queueUrlPrefix: string;
  };
  /** The stage's DynamoDB table: records of jobs, connections of sockets. Left out where there is none. */
  table?: TableLink;
  /** What sends jobs that are due later than SQS can delay them. Left out where nothing of the kind is. */
  delays?: DelaysLink;
  /** Where connections of the socket are sent to. Left out where the project has no socket. */
  socket?: SocketLink;
  /** The project's own address, for `url`; `http://localhost:8000` in development. */
  baseUrl: string | null;
  /** Development: events are read by people, not by CloudWatch. */
  readableLogs: boolean;
  /** Tests: the time, in milliseconds since 1970, where it is theirs to move. Default: the machine's. */
  now?: () => number;
  /** Development: where the project's `@opentelemetry/api` is, a file's URL. In a bundle, it is part of the bundle. */
  openTelemetry?: string;
  /** False: jobs are not counted in CloudWatch's embedded metric format. */
  metrics?: boolean;
};

/** A service of AWS, or of the dev server, whose region and credentials are those of `sqs`. */
type ServiceLink = {
  /** Left out: the region's own, or what the environment names (`AWS_ENDPOINT_URL`). */
  endpoint?: string;
  /** Development: carries requests to the dev server, in place of HTTP. */
  transport?: HttpTransport;
};

export type TableLink = ServiceLink & { name: string };

/** EventBridge Scheduler, as jobs with long delays need it. */
export type DelaysLink = ServiceLink & {
  /** The schedule group that their schedules are in. */
  scheduleGroup: string;
  /** The role with which the Scheduler sends to the project's queues. */
  roleArn: string;
  /** The queue of messages that could not be sent when they were due. */
  deadLetterArn: string | null;
};

/** API Gateway's `@connections`: the endpoint is the stage's URL, `https://ID.execute-api.REGION.amazonaws.com/STAGE`. */
export type SocketLink = {
  endpoint: string;
  transport?: HttpTransport;
  /** What browsers connect to, where that is not the endpoint as `wss://`. */
  url?: string;
};

/** How a queue is reached and what a push to it must obey. */
export type QueueLink = {
  name: string;
  fifo: boolean;
  /** SQS's name of it: the file's own in development, `PROJECT-STAGE-NAME` on AWS. */
  physicalName: string;
  /** SQS's name of its dead-letter queue. */
  deadLetterPhysicalName: string;
  /** Names of the jobs that can be pushed: "default", and the named exports. Null: not known. */
  jobs: string[] | null;
  maxPayloadBytes: number | null;
  /** Longest chain of jobs pushing jobs that may end in this queue (`limits.hops`). Default 100. */
  maxHops?: number;
  track: boolean;
  /** What a record says of its job. Left out where the queue is not tracked, and at their defaults: see `QueueConfig`. */
  retries?: number;
  retentionSeconds?: number;
  /** Most pending jobs of a group (`limits.pending`), of a tracked queue. Default: no limit. */
  maxPending?: number;
};

let current: InstanceConfig | null = null;

/** Sets what this instance serves. Later calls replace it (tests, and reloads in development). */
export function configureInstance(config: InstanceConfig | null): void {
  current = config;
}

/**
 * What this instance serves: what it was configured with, else what `queue-run exec` has put into the environment.
 *
 * @returns null outside of a project (pushing then rejects with `QR_NO_PROJECT`)
 */
export function instanceConfig(): InstanceConfig | null {
  current ??= scriptInstance(process.env);
  return current;
}
