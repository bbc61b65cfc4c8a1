import type { IamStatement } from "@queue-run/runtime/config";

/**
 * What a stage is to be on AWS, down to each attribute: made from a manifest, its packaged functions and the stage's
 * variables by a pure function, and kept (without code and without values of variables) in the record of each deploy,
 * so that a rollback is planned exactly as a deploy is.
 */
export type DesiredState = {
  scope: StageScope;
  table: DesiredTable;
  /** Queues and dead-letter queues: a dead-letter queue stands before the queue that names it. */
  queues: DesiredQueue[];
  functions: DesiredFunction[];
  /** Where the API answers; null without routes. */
  endpoint: DesiredEndpoint | null;
  /** Where the socket answers; null without one. */
  socket: DesiredSocket | null;
  /** EventBridge Scheduler's: a schedule file may need several; null where there are none. */
  scheduling: DesiredScheduling | null;
  /** For messages with long delays; null without queues. */
  delays: DesiredDelays | null;
};

/** Whose resources these are, and where. */
export type StageScope = {
  project: string;
  stage: string;
  /** "aws", "aws-cn", "aws-us-gov": as in the caller's ARN. */
  partition: string;
  account: string;
  region: string;
};

export type Tags = Readonly<Record<string, string>>;

/**
 * What a hash stands for, and what is read and mended together: "table", "queue:emails" (with its dead-letter queue),
 * "function:queue:emails" (with its role, log group, versions, alias, mapping), "endpoint", "socket", "scheduling", "delays".
 */
export type UnitId = string;

/** The stage's DynamoDB table: on demand, keys `pk` and `sk` (strings), time to live in `expiresAt`. */
export type DesiredTable = { unit: UnitId; name: string; arn: string; tags: Tags };

export type DesiredQueue = {
  unit: UnitId;
  /** The queue's, also of its dead-letter queue: "emails.fifo". Empty for the one of undeliverable messages. */
  name: string;
  /** "queues/emails.fifo.ts" */
  file: string;
  role: "queue" | "dead-letter" | "undeliverable";
  physicalName: string;
  arn: string;
  fifo: boolean;
  /**
   * Every attribute that we manage and that can be changed (`FifoQueue` cannot), as SQS spells names and values; what
   * is not named here is left as it is.
   */
  attributes: Readonly<Record<string, string>>;
  tags: Tags;
};

export type FunctionKind = "queue" | "schedule" | "api" | "socket";

export type DesiredFunction = {
  unit: UnitId;
  /** "queue:emails", "schedule:daily", "api", "socket": as in the bundles. */
  id: string;
  kind: FunctionKind;
  /** What a person looks at when something is wrong: "queues/emails.ts", "api/". */
  file: string;
  physicalName: string;
  /** Without a qualifier. */
  arn: string;
  code: DesiredCode;
  configuration: FunctionConfiguration;
  environment: DesiredEnvironment;
  role: DesiredRole;
  logGroup: { name: string; retentionDays: number; tags: Tags };
  /** "Allow" on functions of queues, whose jobs push jobs. PutFunctionRecursionConfig. */
  recursiveLoop: "Allow" | "Terminate";
  /** Between the function's queue and its alias; null where the function has no queue. */
  mapping: DesiredMapping | null;
  /** Of the alias `live`: seconds and attempts of asynchronous invocations (schedules); null: Lambda's own. */
  asyncInvocation: { maximumRetryAttempts: number; maximumEventAgeSeconds: number } | null;
  /** The queues that its code can push to, by name: their functions are switched before it. */
  sendsTo: string[];
  tags: Tags;
};

/** A zip to upload, or the version whose code is to serve again. */
type DesiredCode =
  | {
      from: "zip";
      /** Base64 of the zip's SHA-256, as Lambda reports it. */
      codeSha256: string;
      bytes: number;
    }
  | {
      from: "version";
      version: string;
      codeSha256: string;
      /** Its settings and variables are the wanted ones too: the alias can simply point at it again. */
      asPublished: boolean;
    };

/** Versioned settings: what a published version carries. */
export type FunctionConfiguration = {
  runtime: "nodejs24.x" | "nodejs22.x";
  architecture: "arm64" | "x86_64";
  /** "index.handler" */
  handler: string;
  memoryMegabytes: number;
  timeoutSeconds: number;
  vpc: { subnetIds: string[]; securityGroupIds: string[] } | null;
};

/** Where a variable's value comes from. */
export type VariableOrigin = "ours" | "flag" | "parameter" | "config";

/**
 * A function's variables. Values stay in memory: nothing that is printed, recorded or hashed readably holds one.
 */
export type DesiredEnvironment = {
  /** All but QUEUE_RUN_URL and QUEUE_RUN_SOCKET_URL. */
  variables: Readonly<Record<string, string>>;
  /** Of each of them. */
  origins: Readonly<Record<string, VariableOrigin>>;
  /** Whether QUEUE_RUN_URL is added once the endpoint's address is known. */
  withUrl: boolean;
  /** Whether QUEUE_RUN_SOCKET_URL is added once the socket's is known. */
  withSocketUrl: boolean;
};

/** One execution role for each function, under the path of its stage. */
export type DesiredRole = {
  name: string;
  /** "/queue-run/PROJECT/STAGE/REGION/" */
  path: string;
  arn: string;
  /** AssumeRolePolicyDocument: which service may assume it, and on whose behalf. */
  trust: TrustPolicy;
  /** The id of the socket's API, which AWS chooses, has something that stands for it. */
  statements: IamStatement[];
  tags: Tags;
};

/** A document of one statement. IAM User Guide, "IAM JSON policy elements reference". */
type TrustPolicy = {
  Version: "2012-10-17";
  Statement: {
    Effect: "Allow";
    Principal: { Service: string };
    Action: "sts:AssumeRole";
    Condition?: Record<string, Record<string, string>>;
  }[];
};

export type DesiredMapping = {
  queueArn: string;
  /** The alias `live` of the function. */
  functionArn: string;
  batchSize: number;
  batchWindowSeconds: number;
  /** Null: no limit (ScalingConfig `{}`). */
  maximumConcurrency: number | null;
};

export type DesiredEndpoint = {
  unit: UnitId;
  /** A function URL that streams, or an HTTP API. */
  type: "url" | "api-gateway";
  functionName: string;
  /** The alias `live` of the API's function. */
  functionArn: string;
  /** Of the HTTP API. */
  name: string;
  /** Of the HTTP API: a function URL has none. */
  tags: Tags;
};

export type DesiredSocket = {
  unit: UnitId;
  /** "socket/index.ts" */
  file: string;
  functionName: string;
  /** The alias `live` of the socket's function. */
  functionArn: string;
  /** Of the WebSocket API, and of its one stage. */
  name: string;
  stageName: string;
  tags: Tags;
};

export type DesiredScheduling = {
  unit: UnitId;
  /** The stage's schedule group; schedules take no tags, groups do. */
  group: { name: string; arn: string; tags: Tags };
  /** What the Scheduler assumes: it may invoke the aliases of the schedules' functions. */
  role: DesiredRole;
  schedules: DesiredSchedule[];
};

export type DesiredSchedule = {
  name: string;
  /** The schedule file's name. */
  scheduleName: string;
  /** "cron(…)", "rate(…)": EventBridge Scheduler's own syntax. */
  expression: string;
  timezone: string;
  /** The alias `live` of the schedule's function. */
  targetArn: string;
  /** JSON that the function gets. */
  input: string;
  retryPolicy: { maximumRetryAttempts: number; maximumEventAgeSeconds: number };
};

/** Where messages wait whose delay is longer than SQS's: each is a schedule, which functions make themselves. */
export type DesiredDelays = {
  unit: UnitId;
  group: { name: string; arn: string; tags: Tags };
  /** What the Scheduler assumes: it may send to the stage's queues. */
  role: DesiredRole;
  /** Where a message goes that could not be sent. */
  undeliverable: DesiredQueue;
};
