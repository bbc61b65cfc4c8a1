import { QueueRunError } from "../errors/queue-run-error.js";

/**
 * Where SQS requests of an instance go: what it was configured with (development), else AWS_ENDPOINT_URL_SQS or
 * AWS_ENDPOINT_URL (SDKs and Tools Reference Guide, "Service-specific endpoints"), else the host of its queue URLs.
 */
export function resolveSqsEndpoint(
  { endpoint, queueUrlPrefix }: { endpoint?: string; queueUrlPrefix: string },
  env: NodeJS.ProcessEnv,
): string {
  return endpoint || configuredEndpoint("SQS", env) || new URL(queueUrlPrefix).origin;
}

/**
 * Where requests to another service go: its AWS_ENDPOINT_URL_DYNAMODB (or _SCHEDULER), AWS_ENDPOINT_URL, else beside the
 * SQS of the same region, in whichever partition that is.
 */
export function resolveServiceEndpoint(
  service: "DYNAMODB" | "SCHEDULER",
  queueUrlPrefix: string,
  env: NodeJS.ProcessEnv,
): string {
  const { origin } = new URL(queueUrlPrefix);
  return configuredEndpoint(service, env) || origin.replace("://sqs.", `://${service.toLowerCase()}.`);
}

function configuredEndpoint(
  service: "SQS" | "DYNAMODB" | "SCHEDULER",
  env: NodeJS.ProcessEnv,
): string | undefined {
  const isIgnored = env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() === "true";
  return isIgnored ? undefined : env[`AWS_ENDPOINT_URL_${service}`] || env.AWS_ENDPOINT_URL;
}

/** @returns whether a URL's host is this machine itself: localhost, 127.0.0.0/8 or ::1 */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** Development must not reach an AWS account by accident. */
export function endpointNotLocal(endpoint: string): QueueRunError {
  return new QueueRunError({
    code: "QR_ENDPOINT_NOT_LOCAL",
    message: `In development queue-run calls only SQS on this machine, and ${endpoint} is elsewhere`,
    fix: "Start the SQS-compatible server on localhost, or name the endpoint with `queue-run dev --sqs-endpoint URL`",
  });
}
