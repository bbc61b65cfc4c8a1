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
  /** EventBridge Scheduler's: a schedule file may need several; null where there are none. */
  scheduling: DesiredScheduling | null;
};

/** Whose resources these are, and where. */
export type StageScope = {
  project: string;
  stage: string;
  /** "aws", "aws-cn", "aws-us-gov": as in the caller's ARN. */
  partition: string;
  account: string;
  region: string;
  /** The project's own tags, and ours: on every resource that takes tags. */
  tags: Tags;
};

export type Tags = Readonly<Record<string, string>>;

/**
 * What a hash stands for, and what is read and mended together: "table", "queue:emails" (with its dead-letter queue),
 * "function:queue:emails" (with its role, log group, versions, alias, mapping), "endpoint", "scheduling".
 */
export type UnitId = string;

/** The stage's DynamoDB table: on demand, keys `pk` and `sk` (strings), time to live in `expiresAt`. */
export type DesiredTable = { name: string; tags: Tags };

export type DesiredQueue = {
  unit: UnitId;
  /** The file's: "emails.fifo". */
  name: string;
  role: "queue" | "dead-letter";
  physicalName: string;
  arn: string;
  fifo: boolean;
  /** Every attribute that we manage, as SQS spells names and values; what is not named here is left as it is. */
  attributes: Readonly<Record<string, string>>;
  tags: Tags;
};

export type FunctionKind = "queue" | "schedule" | "api" | "socket";

export type DesiredFunction = {
  unit: UnitId;
  /** "queue:emails", "schedule:daily", "api", "socket": as in the bundles. */
  id: string;
  kind: FunctionKind;
  physicalName: string;
  /** Without a qualifier. */
  arn: string;
  code: DesiredCode;
  configuration: FunctionConfiguration;
  environment: DesiredEnvironment;
  role: DesiredRole;
  logGroup: { name: string; retentionDays: number };
  /** "Allow" on functions of queues, whose jobs push jobs. PutFunctionRecursionConfig. */
  recursiveLoop: "Allow" | "Terminate";
  /** Between the function's queue and its alias; null where the function has no queue. */
  mapping: DesiredMapping | null;
  /** Most invocations at once; null: unreserved. */
  reservedConcurrency: number | null;
  /** Seconds and attempts of asynchronous invocations (schedules); null: Lambda's own. */
  asyncInvocation: { maximumRetryAttempts: number; maximumEventAgeSeconds: number } | null;
  tags: Tags;
};

/** A zip to upload, or the version whose code is to serve again. */
export type DesiredCode =
  | {
      from: "zip" /** Base64 of the zip's SHA-256, as Lambda reports it. */;
      codeSha256: string;
      bytes: number;
    }
  | { from: "version"; version: string; codeSha256: string };

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

/**
 * A function's variables. Values stay in memory: nothing that is printed, recorded or hashed readably holds one.
 */
export type DesiredEnvironment = {
  /** All but QUEUE_RUN_URL. */
  variables: Readonly<Record<string, string>>;
  /** Whether QUEUE_RUN_URL is added once the endpoint's address is known. */
  withUrl: boolean;
};

/** One execution role for each function, under the path of its stage. */
export type DesiredRole = {
  name: string;
  /** "/queue-run/PROJECT/STAGE/" */
  path: string;
  arn: string;
  /** The service that assumes it: "lambda.amazonaws.com". */
  service: string;
  statements: IamStatement[];
  tags: Tags;
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
