import type { Addresses } from "../desired/addresses.js";
import type { FunctionConfiguration, Tags, UnitId } from "../desired/desired-state.js";

/**
 * What AWS says of a stage. It is read in two strides: a handful of list calls say what exists and which units are as
 * a finished deploy left them; details are read only of the others (of all, with --refresh).
 */
export type ActualState = ActualSummary & ActualDetails;

/** What the first stride says: which units are as a deploy left them, what addresses it recorded, and what exists at all. */
export type ActualSummary = Addresses & {
  /** The hash of each unit as the last deploy that finished it recorded it; empty before the first deploy. */
  recorded: Readonly<Record<UnitId, string>>;
  /** What serves, as the last deploy recorded it: the version of each function by function id. */
  live: Readonly<Record<string, string>>;
  /** Our resources by ARN, whatever unit they belong to: what the tagging API lists. It lags by seconds. */
  tagged: TaggedResource[];
  /** Names of the roles under the stage's path: the tagging API lists no roles. */
  roles: readonly string[];
  /** Names of the schedules in the stage's group. */
  scheduleNames: readonly string[];
};

/** What the second stride says, of those units alone that have to be looked at. */
export type ActualDetails = {
  /** Null: not there. Undefined: details were not read, since the record says that nothing changed. */
  table: ActualTable | null | undefined;
  /** By physical name. Only what was read in detail is a key. */
  queues: Readonly<Record<string, ActualQueue | null>>;
  /** By physical name. Only what was read in detail is a key. */
  functions: Readonly<Record<string, ActualFunction | null>>;
  endpoint: ActualEndpoint | null | undefined;
  socket: ActualSocket | null | undefined;
  scheduling: ActualScheduling | null | undefined;
  /** The queue of undeliverable messages is among the queues. */
  delays: ActualDelays | null | undefined;
};

/** What to read in detail. A unit that the project no longer has is read too: its names come from the summary. */
export type DetailsToRead = {
  table: boolean;
  /** Physical names. */
  queues: string[];
  functions: FunctionToRead[];
  endpoint: boolean;
  socket: boolean;
  scheduling: boolean;
  delays: boolean;
};

export type FunctionToRead = {
  physicalName: string;
  roleName: string;
  logGroup: string;
  /** The ARN of the queue that it consumes; null where it has none. */
  queueArn: string | null;
  /** Whether the alias is looked at by itself, which takes a call more. Default: no. */
  withShares?: boolean;
};

export type TaggedResource = { arn: string; tags: Tags };

export type ActualTable = {
  status: string;
  /** Attribute definitions and key schema are ours. */
  keysMatch: boolean;
  /** Billed by request: its capacity is nobody's to plan. */
  onDemand: boolean;
  timeToLive: "enabled" | "disabled" | "changing";
  tags: Tags;
};

export type ActualQueue = {
  url: string;
  /** As GetQueueAttributes(All) gives them, Approximate… included. */
  attributes: Readonly<Record<string, string>>;
  tags: Tags;
};

/** A function and all that hangs on it. A part that is missing is null. */
export type ActualFunction = {
  role: ActualRole | null;
  logGroup: { retentionDays: number | null; tags: Tags } | null;
  /** `$LATEST`. Null: the function is not there (its role or log group may be). */
  latest: ActualVersion | null;
  tags: Tags;
  /** What the alias `live` points at. */
  live: ActualVersion | null;
  /** Whether the alias gives a part of its calls to another version: somebody's doing, which only a refresh looks for. */
  sharesCalls: boolean;
  recursiveLoop: string | null;
  mapping: ActualMapping | null;
  /** Of the alias `live`. */
  asyncInvocation: { maximumRetryAttempts: number; maximumEventAgeSeconds: number } | null;
};

export type ActualVersion = {
  /** "$LATEST" or a number. */
  version: string;
  /** Base64, as Lambda gives it. */
  codeSha256: string;
  configuration: FunctionConfiguration;
  roleArn: string;
  /** All of them, QUEUE_RUN_URL included. Values stay in memory. */
  environment: Readonly<Record<string, string>>;
  /** As `describeLogFormat` writes it. */
  logFormat: string;
  logGroup: string | null;
};

export type ActualRole = {
  arn: string;
  path: string;
  trust: unknown;
  /** The document of our inline policy; null where there is none. */
  policy: unknown;
  tags: Tags;
};

export type ActualMapping = {
  uuid: string;
  functionArn: string;
  queueArn: string;
  /** "Enabled", "Disabled", "Creating", … */
  state: string;
  batchSize: number;
  batchWindowSeconds: number;
  maximumConcurrency: number | null;
  reportsBatchItemFailures: boolean;
};

/** The resource policy on an alias: whom each statement lets in, by its id. */
export type Invokers = Readonly<Record<string, string>>;

/** Both kinds may be there for a while, when a project goes from one to the other. */
export type ActualEndpoint = {
  /** Of the alias `live`: "NONE" and "RESPONSE_STREAM" are what we make. */
  functionUrl: { url: string; authType: string; invokeMode: string; hasCors: boolean } | null;
  /** The HTTP API of this name: its integration's target, and whether its `$default` route and stage are there. */
  api: {
    id: string;
    url: string;
    integrationUri: string | null;
    /** "2.0" is what our functions understand. */
    payloadFormat: string | null;
    /** Whether `$default` leads to the integration. */
    hasRoute: boolean;
    /** Whether its stage is there, and deploys by itself. */
    hasStage: boolean;
    tags: Tags;
  } | null;
  permissions: Invokers;
};

/** The WebSocket API of the socket, and who may invoke the alias of its function. */
export type ActualSocket = {
  api: {
    id: string;
    /** What `@connections` is under. */
    url: string;
    integrationUri: string | null;
    /** Keys of the routes that lead to the integration. */
    routes: string[];
    /** Whether its stage is there, and deploys by itself. */
    hasStage: boolean;
    tags: Tags;
  } | null;
  permissions: Invokers;
};

export type ActualScheduling = {
  group: { tags: Tags } | null;
  role: ActualRole | null;
  /** By name. */
  schedules: Readonly<Record<string, ActualSchedule>>;
};

/** Where messages with long delays wait. The messages themselves, which may be a million, are nobody's to list. */
export type ActualDelays = { group: { tags: Tags } | null; role: ActualRole | null };

export type ActualSchedule = {
  expression: string;
  timezone: string;
  targetArn: string;
  roleArn: string;
  input: string;
  enabled: boolean;
  /** What else it was told of its times, and we never say: a flexible window, a start, an end; null: nothing. */
  bounds: string | null;
  retryPolicy: { maximumRetryAttempts: number; maximumEventAgeSeconds: number };
};
