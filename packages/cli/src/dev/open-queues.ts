import type { OtherServices } from "../local-sqs/request-listener.js";
import type { Reporter } from "../terminal/reporter.js";
import type { DevOptions } from "./dev-options.js";
import { openLocalQueues } from "./queues/local-queues.js";
import type { Queues } from "./queues/queues.js";

/** Keeps AWS's SDK from printing which Node its next major version wants: that is for us to mind. */
const SDK_WARNING_SWITCH = "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED";

/**
 * Opens the SQS that a dev server works with: the local one, or that of `--sqs-endpoint`.
 *
 * @param folder - of local data
 * @param others - answers requests to other services on the endpoint of the local one
 * @throws QueueRunError when it cannot be used
 */
export async function openQueues(
  options: DevOptions,
  folder: string,
  reporter: Reporter,
  others: OtherServices,
): Promise<Queues> {
  if (options.sqsEndpoint === null) {
    const onInternalError = (error: unknown): void =>
      reporter.warning(`The local SQS failed: ${error instanceof Error ? error.stack : String(error)}`);
    return openLocalQueues({ folder, fresh: options.fresh, port: options.sqsPort, others, onInternalError });
  }
  process.env[SDK_WARNING_SWITCH] ??= "true";
  const { openRemoteQueues } = await import("./queues/remote-queues.js");
  return openRemoteQueues(options.sqsEndpoint);
}
