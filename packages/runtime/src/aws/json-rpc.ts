import { type AwsService, callService } from "./call-service.js";

/** A service that speaks AWS JSON 1.0. */
export type JsonRpc = AwsService & {
  /** "AmazonSQS" */
  target: string;
};

/**
 * One operation, with its retries.
 *
 * @param input - as in the API Reference
 * @param errorName - the name of an error from its code in the older protocol
 * @returns the operation's output
 * @throws AwsError
 */
export function callJsonRpc(
  rpc: JsonRpc,
  operation: string,
  input: unknown,
  errorName: (code: string) => string,
): Promise<Record<string, unknown>> {
  const headers = {
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": `${rpc.target}.${operation}`,
    "x-amzn-query-mode": "true",
  };
  return callService(rpc, { headers, body: JSON.stringify(input), target: null }, errorName);
}
