import type { InstanceConfig } from "../config/instance.js";
import type { SqsClient } from "./sqs-client.js";

/** One client for each configuration, so that all calls of an instance share connections and the retry quota. */
const clients = new WeakMap<InstanceConfig, Promise<SqsClient>>();

/**
 * The SQS client of an instance. Its code is loaded on the first call: a function that never sends does not pay for it.
 *
 * @throws QR_ENDPOINT_NOT_LOCAL in development, for an endpoint on another machine that nobody asked for
 */
export function sqsClient(config: InstanceConfig): Promise<SqsClient> {
  const existing = clients.get(config);
  if (existing) return existing;
  const client = import("./on-first-call.js").then(({ connectSqs }) => connectSqs(config));
  clients.set(config, client);
  return client;
}
