import { inProcessSqs } from "../../local-sqs/in-process.js";
import type { OtherServices } from "../../local-sqs/request-listener.js";
import { startSqsServer } from "../../local-sqs/server.js";
import { brokerMessages } from "../event-source/message-source.js";
import { ensureQueues } from "./ensure-queues.js";
import { openBroker } from "./open-broker.js";
import { LOCAL_OWNER, type Queues } from "./queues.js";

/**
 * Opens the local queues and serves them in SQS's protocol.
 *
 * @throws QueueRunError when the port is taken, when another server uses the data, or when it cannot be read
 */
export async function openLocalQueues(options: {
  folder: string;
  fresh: boolean;
  port: number;
  others: OtherServices;
  onInternalError: (error: unknown) => void;
}): Promise<Queues> {
  const broker = await openBroker(options.folder, options.fresh);
  const { port, others, onInternalError } = options;
  const server = await startSqsServer({ broker, port, ...LOCAL_OWNER, others, onInternalError }).catch(
    async (error: unknown) => {
      await broker.close();
      throw error;
    },
  );
  const endpoint = `http://127.0.0.1:${server.port}`;
  const inProcess = inProcessSqs({ broker, owner: LOCAL_OWNER, origin: endpoint, onInternalError });
  return {
    place: { endpoint, queueUrlPrefix: `${endpoint}/${LOCAL_OWNER.accountId}/`, region: LOCAL_OWNER.region },
    port: server.port,
    shownEndpoint: `http://localhost:${server.port}`,
    inProcess,
    async send(message) {
      const request = { target: "AmazonSQS.SendMessage", body: JSON.stringify(message) };
      const { status, body } = await inProcess(request, new AbortController().signal);
      if (status !== 200) throw new Error((JSON.parse(body) as { message: string }).message);
    },
    ensure: (queues) => ensureQueues(broker, queues, LOCAL_OWNER),
    messagesOf: (queue) => brokerMessages(broker, queue, LOCAL_OWNER),
    stopServing: () => server.close(),
    close: () => broker.close(),
  };
}
