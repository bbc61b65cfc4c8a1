import type { InProcessSqs } from "../../local-sqs/in-process.js";
import type { QueueDefinition } from "../../project/manifest.js";
import type { MessageSource } from "../event-source/message-source.js";
import type { SqsPlace } from "../instance-config.js";

/** The SQS that a dev server works with: its own, or another. */
export type Queues = {
  place: SqsPlace;
  /** The port of the local endpoint; null when another SQS is used. */
  port: number | null;
  /** The endpoint as people write it. */
  shownEndpoint: string;
  /** Answers requests of this process's own workers; null when another SQS is used. */
  inProcess: InProcessSqs | null;
  ensure: (queues: QueueDefinition[]) => Promise<void>;
  /** Sends a message, as SendMessage does. */
  send: (message: { QueueUrl: string }) => Promise<void>;
  messagesOf: (queue: string) => MessageSource;
  /** Ends the endpoint. */
  stopServing(): Promise<void>;
  /** Closes the store, after everything else has stopped. */
  close(): Promise<void>;
};

/** Whose the local queues are, in URLs and ARNs. */
export const LOCAL_OWNER = { accountId: "000000000000", region: "us-east-1" };
