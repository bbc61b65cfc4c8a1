import { SQSClient } from "@aws-sdk/client-sqs";
import type { Aws } from "../deploy/aws/connect.js";

/** A long poll that finds nothing is answered after 20 s: one that says nothing for this long is dead. */
const POLL_TIMEOUT_MS = 30_000;
const CALL_TIMEOUT_MS = 10_000;
const CONNECTION_TIMEOUT_MS = 5_000;
/** Each queue's poll holds a connection, and none may wait for another's. */
const MAX_CONNECTIONS = 1_000;

/** Polls have connections, retries and timeouts of their own, so that they never hold up a delete or a heartbeat. */
export type SqsClients = { polls: SQSClient; calls: SQSClient; close(): void };

export function createSqsClients({ region, settings: { credentials } }: Aws): SqsClients {
  const clientWith = (maxAttempts: number, requestTimeout: number): SQSClient =>
    new SQSClient({
      region,
      credentials,
      maxAttempts,
      // AWS_ENDPOINT_URL counts, whatever host a queue's URL names.
      useQueueUrlAsEndpoint: false,
      requestHandler: {
        connectionTimeout: CONNECTION_TIMEOUT_MS,
        requestTimeout,
        throwOnRequestTimeout: true,
        httpAgent: { keepAlive: true, maxSockets: MAX_CONNECTIONS },
        httpsAgent: { keepAlive: true, maxSockets: MAX_CONNECTIONS },
      },
    });
  // A poll that fails is tried again with patience of ours.
  const polls = clientWith(1, POLL_TIMEOUT_MS);
  const calls = clientWith(3, CALL_TIMEOUT_MS);
  return {
    polls,
    calls,
    close() {
      polls.destroy();
      calls.destroy();
    },
  };
}
