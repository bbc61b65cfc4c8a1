import type { QueueDefinition } from "../project/manifest.js";
import { brokerMessages, type MessageSource } from "./event-source/message-source.js";
import type { SqsPlace } from "./instance-config.js";
import { openBroker } from "./open-broker.js";
import { ensureQueues } from "./queues/ensure-queues.js";

/** The SQS that a dev server works with: its own, or another. */
export type Queues = {
  place: SqsPlace;
  /** The port of the local endpoint; null when another SQS is used. */
  port: number | null;
  ensure: (queues: QueueDefinition[]) => Promise<void>;
  messagesOf: (queue: string) => MessageSource;
  /** Ends the endpoint. */
  stopServing(): Promise<void>;
  /** Closes the store, after everything else has stopped. */
  close(): Promise<void>;
};

/** Whose the local queues are, in URLs and ARNs. */
export const LOCAL_OWNER = { accountId: "000000000000", region: "us-east-1" };

/**
 * Opens the local queues and serves them in SQS's protocol.
 *
 * @throws QueueRunError when the port is taken, when another server uses the data, or when it cannot be read
 */
export async function openLocalQueues(options: {
  folder: string;
  fresh: boolean;
  port: number;
  onInternalError: (error: unknown) => void;
}): Promise<Queues> {
  const [broker, { startSqsServer }] = await Promise.all([
    openBroker(options.folder, options.fresh),
    import("../local-sqs/server.js"),
  ]);
  const { onInternalError } = options;
  const server = await startSqsServer({ broker, port: options.port, ...LOCAL_OWNER, onInternalError }).catch(
    async (error: unknown) => {
      await broker.close();
      throw error;
    },
  );
  const endpoint = `http://127.0.0.1:${server.port}`;
  return {
    place: { endpoint, queueUrlPrefix: `${endpoint}/${LOCAL_OWNER.accountId}/`, region: LOCAL_OWNER.region },
    port: server.port,
    ensure: (queues) => ensureQueues(broker, queues, LOCAL_OWNER),
    messagesOf: (queue) => brokerMessages(broker, queue, LOCAL_OWNER),
    stopServing: () => server.close(),
    close: () => broker.close(),
  };
}
