import type { InstanceConfig } from "../config/instance.js";
import { endpointNotLocal, isLoopback, resolveSqsEndpoint } from "./endpoint.js";
import { createSqsClient, type SqsClient } from "./sqs-client.js";

/** @throws QR_ENDPOINT_NOT_LOCAL in development, for an endpoint on another machine that nobody asked for */
export function connectSqs({ stage, sqs }: InstanceConfig): SqsClient {
  const endpoint = resolveSqsEndpoint(sqs, process.env);
  if (stage === "dev" && !sqs.allowRemoteEndpoint && !isLoopback(endpoint)) throw endpointNotLocal(endpoint);
  const { region, credentials, transport } = sqs;
  return createSqsClient({ region, endpoint, credentials, ...(transport && { transport }) });
}
