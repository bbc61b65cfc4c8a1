/** Inputs and outputs of the DynamoDB operations that handlers need, as in the Amazon DynamoDB API Reference. */

/** A value as DynamoDB writes it. */
export type TableValue = { S: string } | { N: string };

/** An item, or an item's key. */
export type TableItem = Record<string, TableValue>;

type Expressions = {
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: TableItem;
};

export type GetItemInput = { TableName: string; Key: TableItem; ConsistentRead?: boolean };

export type PutItemInput = Expressions & {
  TableName: string;
  Item: TableItem;
  ConditionExpression?: string;
};

export type DeleteItemInput = Expressions & {
  TableName: string;
  Key: TableItem;
  ConditionExpression?: string;
};

export type UpdateItemInput = DeleteItemInput & {
  UpdateExpression?: string;
  ReturnValues?: "ALL_OLD" | "ALL_NEW" | "UPDATED_OLD" | "UPDATED_NEW";
};

export type QueryInput = Expressions & {
  TableName: string;
  KeyConditionExpression: string;
  ConsistentRead?: boolean;
  Select?: "COUNT";
  Limit?: number;
  ExclusiveStartKey?: TableItem;
};

/** One page: there are more where `LastEvaluatedKey` is set. */
export type QueryOutput = { Items?: TableItem[]; Count?: number; LastEvaluatedKey?: TableItem };

export type BatchGetItemInput = Pick<Expressions, "ExpressionAttributeNames"> & {
  TableName: string;
  /** Any number of them, each once. */
  Keys: TableItem[];
  ConsistentRead?: boolean;
  ProjectionExpression?: string;
};

/** Items of any number, each key once; what is there is replaced. */
export type BatchWriteItemInput = { TableName: string; Items: TableItem[] };
