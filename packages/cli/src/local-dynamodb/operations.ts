/// <reference path="./dynalite.d.ts" />
import batchGetItem from "dynalite/actions/batchGetItem.js";
import batchWriteItem from "dynalite/actions/batchWriteItem.js";
import deleteItem from "dynalite/actions/deleteItem.js";
import describeTable from "dynalite/actions/describeTable.js";
import getItem from "dynalite/actions/getItem.js";
import putItem from "dynalite/actions/putItem.js";
import query from "dynalite/actions/query.js";
import scan from "dynalite/actions/scan.js";
import updateItem from "dynalite/actions/updateItem.js";
import * as batchGetItemRules from "dynalite/validations/batchGetItem.js";
import * as batchWriteItemRules from "dynalite/validations/batchWriteItem.js";
import * as deleteItemRules from "dynalite/validations/deleteItem.js";
import * as describeTableRules from "dynalite/validations/describeTable.js";
import * as getItemRules from "dynalite/validations/getItem.js";
import validations from "dynalite/validations/index.js";
import * as putItemRules from "dynalite/validations/putItem.js";
import * as queryRules from "dynalite/validations/query.js";
import * as scanRules from "dynalite/validations/scan.js";
import * as updateItemRules from "dynalite/validations/updateItem.js";
import type { ItemStore } from "./item-store.js";

type Operation = { action: typeof getItem; rules: { types: unknown; custom: unknown } };

/** What the development table answers: what works on items, and what `aws dynamodb` asks first. */
const OPERATIONS: Record<string, Operation> = {
  BatchGetItem: { action: batchGetItem, rules: batchGetItemRules },
  BatchWriteItem: { action: batchWriteItem, rules: batchWriteItemRules },
  DeleteItem: { action: deleteItem, rules: deleteItemRules },
  DescribeTable: { action: describeTable, rules: describeTableRules },
  GetItem: { action: getItem, rules: getItemRules },
  PutItem: { action: putItem, rules: putItemRules },
  Query: { action: query, rules: queryRules },
  Scan: { action: scan, rules: scanRules },
  UpdateItem: { action: updateItem, rules: updateItemRules },
};

/**
 * Runs one operation of DynamoDB's API.
 *
 * @param operation - "UpdateItem"
 * @param body - its input, as text
 * @returns the HTTP status and the body of the answer, refusals included
 * @throws what is not the caller's fault
 */
export async function callOperation(
  store: ItemStore,
  operation: string,
  body: string,
): Promise<{ status: number; body: string }> {
  const found = Object.hasOwn(OPERATIONS, operation) ? OPERATIONS[operation] : undefined;
  if (!found)
    return refusal("com.amazon.coral.service#UnknownOperationException", `There is no ${operation} here`);
  const { action, rules } = found;
  let input: unknown;
  try {
    input = JSON.parse(body);
  } catch {
    return refusal("com.amazon.coral.service#SerializationException", "The body is not JSON");
  }
  try {
    const checked = validations.checkTypes(input, rules.types);
    validations.checkValidations(checked, rules.types, rules.custom, store);
    const output = await new Promise((resolve, reject) => {
      action(store, checked, (error, answer) => (error ? reject(error) : resolve(answer)));
    });
    return { status: 200, body: JSON.stringify(output) };
  } catch (error) {
    const { statusCode, body: refused } = error as { statusCode?: number; body?: object };
    if (statusCode === undefined) throw error;
    return { status: statusCode, body: JSON.stringify(refused) };
  }
}

function refusal(type: string, message: string): { status: number; body: string } {
  return { status: 400, body: JSON.stringify({ __type: type, message }) };
}
