import type {
  QueueSettings,
  ScheduleInput,
  ScheduleSettings,
  SocketSettings,
} from "@queue-run/runtime/config";
import type {
  EventSourceLabel,
  FailureOutcome,
  InstanceConfig,
  JobEvent,
  LogLevel,
} from "@queue-run/runtime/instance";
import type { HttpRoute } from "@queue-run/runtime/lambda/http";
import type { SocketApiEvent } from "@queue-run/runtime/lambda/socket";
import type { ReceivedMessage } from "../../local-sqs/broker/broker.js";
import type { ServiceAnswer, ServiceRequest } from "../services/service.js";
import type { Claims, Place } from "./claim.js";

/** What a worker becomes an instance of: on Lambda, the function whose code the environment was started with. */
export type WorkerFunction =
  | {
      kind: "queue";
      name: string;
      fifo: boolean;
      /** "queues/emails.ts" */
      file: string;
      settings: QueueSettings;
      /** "index.ts", when the project has one. */
      index: string | null;
    }
  | {
      kind: "schedule";
      name: string;
      /** What handlers are told of when it runs. */
      cron: string;
      /** "schedules/cleanup.ts" */
      file: string;
      settings: ScheduleSettings;
      index: string | null;
    }
  | { kind: "http"; routes: HttpRoute[]; index: string | null }
  | {
      kind: "socket";
      /** "socket/index.ts" */
      file: string;
      middleware: string | null;
      settings: SocketSettings;
      index: string | null;
    }
  /** A function as it was built for Lambda: a module that exports `handler`. */
  | BuiltFunction;

export type BuiltFunction = {
  kind: "built";
  /** As it ends on AWS: "queue-emails", "api". */
  functionName: string;
  /** The queue's name; null: the API. */
  queueName: string | null;
  /** Absolute path of the module. */
  file: string;
  index: null;
};

/** One request as a function URL would hand it over, in payload format 2.0. */
export type HttpEvent = {
  version: "2.0";
  routeKey: "$default";
  rawPath: string;
  rawQueryString: string;
  cookies?: string[];
  headers: Record<string, string>;
  queryStringParameters?: Record<string, string>;
  requestContext: {
    accountId: string;
    apiId: string;
    domainName: string;
    domainPrefix: string;
    http: { method: string; path: string; protocol: string; sourceIp: string; userAgent: string };
    requestId: string;
    routeKey: "$default";
    stage: "$default";
    /** "22/Nov/2026:07:30:00 +0000" */
    time: string;
    timeEpoch: number;
  };
  body?: string;
  isBase64Encoded: boolean;
};

/** What a queue's invocation carries; the worker makes Lambda's SQS event of it, off the main thread. */
export type QueueDelivery = {
  /** Of the invocation, as handlers' context has it. */
  requestId: string;
  queueArn: string;
  region: string;
  messages: ReceivedMessage[];
};

/** What a function is invoked with. */
export type InvocationPayload =
  | { kind: "queue"; delivery: QueueDelivery }
  | { kind: "schedule"; requestId: string; input: ScheduleInput }
  | { kind: "http"; event: HttpEvent }
  | { kind: "socket"; event: SocketApiEvent };

/** What a worker becomes, and what it knows of the project. */
export type WorkerDefinition = { function: WorkerFunction; instance: InstanceConfig };

export type ToWorker =
  | {
      type: "define";
      /** A WorkerDefinition in JSON, which is made once for all of a function's workers. */
      definition: string;
      memoryMegabytes: number;
      /**
       * Where requests to SQS go: through this port to the dev server's own, or over HTTP to the endpoint. Those to other
       * services go through the port.
       */
      sqs: "port" | "http";
      /** Where invocations are claimed that are posted ahead of their turn; null: none are. */
      claims: Claims | null;
    }
  /** Modules to load ahead of the first event, in the order in which an event would: what was just saved. */
  | { type: "preload"; modules: { file: string; url: string }[] }
  | {
      type: "invoke";
      id: number;
      /** Where to claim it before it runs: it was posted while another ran. Null: it is the worker's already. */
      claimAt: Place | null;
      /** How long it may take. Null: as long as it likes (under a debugger). */
      timeoutSeconds: number | null;
      /** An `InvocationPayload` as text. */
      payload: string;
    }
  /** Answers to requests to AWS's services, those of one turn of the event loop together. */
  | { type: "aws"; answers: (ServiceAnswer & { id: number })[] }
  | { type: "module"; request: number; url: string | null; error: PortableError | null }
  /** Nothing that was asked of SQS for messages that were let go is under way any more. */
  | { type: "letGone"; request: number }
  /** The client has taken what was sent: the answer's stream may go on. */
  | { type: "resume"; id: number }
  /** The client is gone: nobody reads the rest of the answer. */
  | { type: "hangup"; id: number };

export type FromWorker =
  /** The runtime is loaded; the worker waits for its function. */
  | { type: "ready" }
  /** Needs the URL of a source file's module. */
  | { type: "module"; request: number; file: string }
  /**
   * The invocation ended: what a queue's handler returned; an HTTP answer that was made in one turn; what the runtime
   * has told meanwhile. One message, since messages cost more than what is in them.
   */
  | { type: "returned"; id: number; value: unknown; answer: WholeAnswer | null; events: EventsText }
  /** A whole answer of a handler that goes on after it. */
  | { type: "answered"; id: number; answer: WholeAnswer }
  | { type: "head"; id: number; head: AnswerHead }
  | { type: "chunk"; id: number; bytes: Uint8Array }
  | { type: "end"; id: number }
  /**
   * The entry point itself failed: a module that throws while it loads, for instance. `told`: the runtime has told of
   * it already, and has said when the messages come back.
   */
  | { type: "failed"; id: number; error: PortableError; told: boolean }
  /** An error that nobody caught: the worker ends after this message. */
  | { type: "crashed"; kind: "uncaughtException" | "unhandledRejection"; error: PortableError }
  | { type: "events"; events: EventsText }
  /** Requests to AWS's services, those of one turn of the event loop together. */
  | { type: "aws"; requests: (ServiceRequest & { id: number })[] }
  /** The runtime sets the visibility of these messages itself: the host must not keep them any longer. */
  | { type: "letGo"; request: number; messageIds: string[] }
  /** Said five times a second while an invocation runs and does not block its thread. */
  | { type: "alive"; bufferBytes: number };

/** `WorkerEvent[]` in JSON; empty when there is none. Many small objects cost several times as much to post as text. */
export type EventsText = string;

/** What a schedule's invocation returns: the error of a run that failed. */
export type ScheduleAnswer = { error: PortableError | null };

export type WholeAnswer = { head: AnswerHead; body: string | Uint8Array | null };

export type AnswerHead = { statusCode: number; headers: Record<string, string>; cookies: string[] };

/** An error in a form that crosses threads with all that is worth showing. */
export type PortableError = {
  name: string;
  message: string;
  /** Source-mapped. */
  stack: string | null;
  code: string | null;
  fix: string | null;
  cause: PortableError | null;
  /** Of an AggregateError. */
  errors?: PortableError[];
};

/** The runtime's lifecycle events, with what may not cross threads already put into words. */
export type WorkerEvent =
  | { kind: "log"; level: LogLevel; text: string; source: EventSourceLabel }
  | { kind: "error"; error: PortableError; source: EventSourceLabel }
  | {
      kind: "response";
      method: string;
      path: string;
      status: number;
      durationMs: number;
      source: EventSourceLabel;
    }
  | ({ kind: "jobStarted" } & JobEvent)
  | ({ kind: "jobFinished"; durationMs: number } & JobEvent)
  | ({
      kind: "jobFailed";
      durationMs: number;
      error: PortableError;
      outcome: FailureOutcome;
    } & JobEvent)
  | ({ kind: "jobReturned" | "jobSkipped" | "jobDropped"; reason: string } & JobEvent);
