import type { TableItem, TableValue, UpdateItemInput } from "../aws/table-shapes.js";

/** A change of one item. Expressions name attributes with a `#`, since DynamoDB keeps many words to itself. */
export type ItemChange = {
  set?: TableItem;
  /** Further assignments: "#attempt = #attempt + :one". */
  assign?: string;
  remove?: readonly string[];
  condition: string;
  /** Of the condition and `assign`. */
  values?: TableItem;
};

/** @returns the change as UpdateItem takes it, all but table and key */
export function toUpdate({
  set = {},
  assign,
  remove = [],
  condition,
  values,
}: ItemChange): Omit<UpdateItemInput, "TableName" | "Key"> {
  const assignments = Object.keys(set).map((name) => `#${name} = :set_${name}`);
  if (assign) assignments.push(assign);
  const removals = remove.length > 0 ? ` REMOVE ${remove.map((name) => `#${name}`).join(", ")}` : "";
  const UpdateExpression = `SET ${assignments.join(", ")}${removals}`;
  const written = Object.entries(set).map(([name, value]) => [`:set_${name}`, value] as const);
  return {
    UpdateExpression,
    ConditionExpression: condition,
    ExpressionAttributeNames: namesIn(UpdateExpression + condition),
    ExpressionAttributeValues: { ...Object.fromEntries(written), ...values },
  };
}

/** @returns the condition as PutItem and DeleteItem take it */
export function toCondition(
  condition: string,
  values?: TableItem,
): Pick<UpdateItemInput, "ConditionExpression" | "ExpressionAttributeNames" | "ExpressionAttributeValues"> {
  return {
    ConditionExpression: condition,
    ExpressionAttributeNames: namesIn(condition),
    ...(values && { ExpressionAttributeValues: values }),
  };
}

/** @returns what `#status` and the like in an expression stand for */
export function namesIn(expression: string): Record<string, string> {
  const names = expression.match(/#\w+/g) ?? [];
  return Object.fromEntries(names.map((name) => [name, name.slice(1)]));
}

/** A text as an attribute's value. */
export function text(value: string): TableValue {
  return { S: value };
}

/** A number as an attribute's value. */
export function number(value: number): TableValue {
  return { N: String(value) };
}
