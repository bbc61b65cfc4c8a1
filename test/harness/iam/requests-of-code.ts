import { type Call, jsonOf } from "../moto-proxy/call.js";
import type { IamRequest } from "./allows.js";

type Place = { region: string; account: string };
type Item = Record<string, { S?: string }>;

/**
 * What a call asks IAM for: its own action, and those that come with it. Service Authorization Reference.
 *
 * @returns nothing for a call that deployed code has no reason to make
 */
export function requestsOf(call: Call, place: Place): IamRequest[] {
  if (call.service === "sqs") return ofQueue(call, place);
  if (call.service === "dynamodb") return ofTable(call, place);
  if (call.service === "scheduler") return ofSchedule(call, place);
  if (call.service === "execute-api") return ofConnection(call, place);
  return [];
}

/** A batch needs what one message needs. SQS Developer Guide, "SQS API permissions". */
function ofQueue(call: Call, { region, account }: Place): IamRequest[] {
  const { QueueUrl = "", QueueName } = jsonOf(call) as { QueueUrl?: string; QueueName?: string };
  const name = QueueName ?? QueueUrl.slice(QueueUrl.lastIndexOf("/") + 1);
  const action = `sqs:${call.operation.replace(/Batch$/, "")}`;
  return [{ action, resource: `arn:aws:sqs:${region}:${account}:${name}`, context: {} }];
}

type TableInput = {
  TableName?: string;
  IndexName?: string;
  Key?: Item;
  Item?: Item;
  KeyConditionExpression?: string;
  ExpressionAttributeValues?: Item;
  ExpressionAttributeNames?: Record<string, string>;
  RequestItems?: Record<string, { Keys?: Item[] } | WriteRequest[]>;
  TransactItems?: Record<string, TableInput>[];
};
type WriteRequest = { PutRequest?: { Item: Item }; DeleteRequest?: { Key: Item } };

/** With the partition keys of all items as `dynamodb:LeadingKeys`. DynamoDB Developer Guide, "Using IAM policy conditions". */
function ofTable(call: Call, place: Place): IamRequest[] {
  const input = jsonOf(call) as TableInput;
  const request = (operation: string, table: string, items: readonly (Item | undefined)[]): IamRequest => ({
    action: `dynamodb:${operation}`,
    resource: `arn:aws:dynamodb:${place.region}:${place.account}:table/${table}`,
    context: { "dynamodb:LeadingKeys": items.map((item) => keyIn(item, call)) },
  });
  if (input.TransactItems) {
    const parts = input.TransactItems.flatMap((each) => Object.entries(each));
    return parts.map(([kind, { TableName = "", Key, Item }]) =>
      request(kind === "ConditionCheck" ? "ConditionCheckItem" : `${kind}Item`, TableName, [Key ?? Item]),
    );
  }
  if (input.RequestItems) {
    return Object.entries(input.RequestItems).map(([table, asked]) => {
      const items = Array.isArray(asked)
        ? asked.map(({ PutRequest, DeleteRequest }) => PutRequest?.Item ?? DeleteRequest?.Key)
        : (asked.Keys ?? []);
      return request(call.operation, table, items);
    });
  }
  const { TableName = "", IndexName, Key, Item } = input;
  const resource = IndexName === undefined ? TableName : `${TableName}/index/${IndexName}`;
  const item = Key ?? Item ?? (call.operation === "Query" ? queried(input, call) : undefined);
  return [request(call.operation, resource, call.operation === "Scan" ? [] : [item])];
}

function keyIn(item: Item | undefined, call: Call): string {
  const key = item?.pk?.S;
  if (key === undefined)
    throw new Error(`No partition key in ${call.operation}: ${call.body.toString("utf8")}`);
  return key;
}

/** The partition key that a query's condition begins with. */
function queried({ KeyConditionExpression = "", ...input }: TableInput, call: Call): Item {
  const [, name = "", value = ""] = /^\s*(#?\w+)\s*=\s*(:\w+)/.exec(KeyConditionExpression) ?? [];
  const attribute = input.ExpressionAttributeNames?.[name] ?? name;
  if (attribute !== "pk")
    throw new Error(`${call.operation} asks for no partition key: ${KeyConditionExpression}`);
  return { pk: input.ExpressionAttributeValues?.[value] ?? {} };
}

/** Making a schedule passes its role. EventBridge Scheduler User Guide, "Identity-based policies". */
function ofSchedule(call: Call, { region, account }: Place): IamRequest[] {
  const name = /\/schedules\/([^/]+)$/.exec(call.path)?.[1] ?? "";
  const input = call.body.length > 0 ? jsonOf(call) : {};
  const { GroupName = call.query.get("groupName") ?? "default", Target } = input as {
    GroupName?: string;
    Target?: { RoleArn: string };
  };
  const resource = `arn:aws:scheduler:${region}:${account}:schedule/${GroupName}/${name}`;
  const own = { action: `scheduler:${call.operation}`, resource, context: {} };
  if (!Target) return [own];
  const context = { "iam:PassedToService": ["scheduler.amazonaws.com"] };
  return [own, { action: "iam:PassRole", resource: Target.RoleArn, context }];
}

/** Where `@connections` is for code that has a role here: what AWS tells apart by host is in the path. */
export function socketUrlAt(endpoint: string, socketUrl: string): string {
  const { hostname, pathname } = new URL(socketUrl);
  return `${endpoint}/execute-api/${hostname.split(".")[0]}${pathname}`;
}

/** API Gateway Developer Guide, "Control access with IAM authorization for @connections". */
function ofConnection(call: Call, { region, account }: Place): IamRequest[] {
  const [, api, stage, connection] = CONNECTION.exec(call.path) ?? [];
  if (connection === undefined) return [];
  const resource = `arn:aws:execute-api:${region}:${account}:${api}/${stage}/${call.method}/@connections/${connection}`;
  return [{ action: "execute-api:ManageConnections", resource, context: {} }];
}

const CONNECTION = /^\/execute-api\/([^/]+)\/([^/]+)\/@connections\/(.+)$/;
