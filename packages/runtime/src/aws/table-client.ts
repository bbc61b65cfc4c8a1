import type { InstanceConfig, TableLink } from "../config/instance.js";
import { connectService } from "./connect-service.js";
import { resolveServiceEndpoint } from "./endpoint.js";
import { callJsonRpc, type JsonRpc } from "./json-rpc.js";
import { batchGetItem, batchWriteItem, type TableCall } from "./table-batches.js";
import type {
  BatchGetItemInput,
  BatchWriteItemInput,
  DeleteItemInput,
  GetItemInput,
  PutItemInput,
  QueryInput,
  QueryOutput,
  TableItem,
  UpdateItemInput,
} from "./table-shapes.js";

/** The operations of DynamoDB that handlers' own functions need. All throw AwsError, after the SDK's standard retries. */
export type TableClient = {
  getItem(input: GetItemInput): Promise<TableItem | null>;
  putItem(input: PutItemInput): Promise<void>;
  /** @returns the attributes that ReturnValues asks for; without it, none */
  updateItem(input: UpdateItemInput): Promise<TableItem>;
  deleteItem(input: DeleteItemInput): Promise<void>;
  /** One page. */
  query(input: QueryInput): Promise<QueryOutput>;
  /** Any number of items, which exist or not. */
  batchGetItem(input: BatchGetItemInput): Promise<TableItem[]>;
  /**
   * Any number of items.
   *
   * @param options - `once`: a request whose answer is lost is not repeated, but the call fails
   */
  batchWriteItem(input: BatchWriteItemInput, options?: { once?: boolean }): Promise<void>;
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
      endpoint: endpoint ?? resolveServiceEndpoint("DYNAMODB", sqs.queueUrlPrefix, process.env),
      credentials: sqs.credentials,
      transport,
      maxAttempts: MAX_ATTEMPTS,
    }),
  };
  const once: JsonRpc = { ...rpc, maxAttempts: 1 };
  const callWith =
    (service: JsonRpc): TableCall =>
    (operation, input) =>
      callJsonRpc(service, operation, input, (code) => code);
  const call = callWith(rpc);
  return {
    async getItem(input) {
      const { Item } = (await call("GetItem", input)) as { Item?: TableItem };
      return Item ?? null;
    },
    async putItem(input) {
      await call("PutItem", input);
    },
    async updateItem(input) {
      const { Attributes } = (await call("UpdateItem", input)) as { Attributes?: TableItem };
      return Attributes ?? {};
    },
    async deleteItem(input) {
      await call("DeleteItem", input);
    },
    query: (input) => call("Query", input),
    batchGetItem: (input) => batchGetItem(call, rpc.clock, input),
    batchWriteItem: (input, options) =>
      batchWriteItem(options?.once ? callWith(once) : call, rpc.clock, input),
    close: () => rpc.transport.close(),
  };
}
