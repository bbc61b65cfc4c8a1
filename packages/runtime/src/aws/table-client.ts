import type { InstanceConfig, TableLink } from "../config/instance.js";
import { connectService } from "./connect-service.js";
import { resolveTableEndpoint } from "./endpoint.js";
import { callJsonRpc, type JsonRpc } from "./json-rpc.js";

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
  const rpc: JsonRpc = {
    target: "DynamoDB_20120810",
    ...connectService({
      service: "dynamodb",
      region: sqs.region,
      endpoint: endpoint ?? resolveTableEndpoint(sqs.queueUrlPrefix, process.env),
      credentials: sqs.credentials,
      transport,
      maxAttempts: MAX_ATTEMPTS,
    }),
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
