import type { InstanceConfig, TableLink } from "../config/instance.js";
import { processCredentials } from "./credentials.js";
import { resolveTableEndpoint } from "./endpoint.js";
import { createHttpTransport } from "./http-transport.js";
import { callJsonRpc, type JsonRpc } from "./json-rpc.js";
import { createRetryQuota, SYSTEM_CLOCK } from "./retry.js";
import { createSigner } from "./signer.js";

/** A value as DynamoDB writes it. */
type TableValue = { S: string } | { N: string };

/** Input of UpdateItem and DeleteItem, as far as it is used. DynamoDB API Reference. */
type TableChange = {
  TableName: string;
  Key: Record<string, TableValue>;
  ConditionExpression?: string;
  UpdateExpression?: string;
  ExpressionAttributeValues?: Record<string, TableValue>;
};

/** The operations of DynamoDB that handlers' own functions need. All throw AwsError, after the SDK's standard retries. */
export type TableClient = {
  updateItem(input: TableChange): Promise<void>;
  deleteItem(input: TableChange): Promise<void>;
  /** Closes the connections. */
  close(): void;
};

/** As many as the SDK makes of DynamoDB's calls. */
const MAX_ATTEMPTS = 4;

/** Of a table whose endpoint is not given: AWS_ENDPOINT_URL_DYNAMODB, AWS_ENDPOINT_URL, or the region's own. */
export function connectTable(
  { sqs }: Pick<InstanceConfig, "sqs">,
  { endpoint, transport }: Pick<TableLink, "endpoint" | "transport"> = {},
): TableClient {
  const url = new URL(endpoint ?? resolveTableEndpoint(sqs.queueUrlPrefix, process.env));
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  const { credentials: fixed } = sqs;
  const rpc: JsonRpc = {
    target: "DynamoDB_20120810",
    transport: transport ?? createHttpTransport(url),
    sign: createSigner({
      endpoint: url,
      region: sqs.region,
      service: "dynamodb",
      credentials: fixed ? async () => fixed : () => processCredentials(),
    }),
    quota: createRetryQuota(),
    clock: SYSTEM_CLOCK,
    maxAttempts: MAX_ATTEMPTS,
    clockOffsetMs: 0,
  };
  const call = async (operation: string, input: TableChange): Promise<void> => {
    await callJsonRpc(rpc, operation, input, (code) => code);
  };
  return {
    updateItem: (input) => call("UpdateItem", input),
    deleteItem: (input) => call("DeleteItem", input),
    close: () => rpc.transport.close(),
  };
}
