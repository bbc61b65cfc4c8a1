import type { HttpTransport } from "../../aws/http-transport.js";
import type { GetItemInput, TableItem, UpdateItemInput } from "../../aws/table-shapes.js";

/** DynamoDB as far as connections need it: GetItem, and UpdateItem with the expressions that are used. */
export function memoryTable(): { transport: HttpTransport; items: Map<string, TableItem> } {
  const items = new Map<string, TableItem>();
  const keyOf = (key: TableItem) => JSON.stringify([key.pk, key.sk]);

  function update(input: UpdateItemInput): { status: number; body: unknown } {
    const { Key, UpdateExpression = "", ExpressionAttributeNames: names = {} } = input;
    const { ConditionExpression = "", ExpressionAttributeValues: values = {} } = input;
    const before = items.get(keyOf(Key)) ?? {};
    const nameOf = (text: string) => names[text] ?? text;
    for (const [, not, name = ""] of ConditionExpression.matchAll(/attribute_(not_)?exists\(([^)]+)\)/g)) {
      if (Object.hasOwn(before, nameOf(name)) === (not !== undefined))
        return { status: 400, body: { __type: "x#ConditionalCheckFailedException", message: "no" } };
    }
    const after: TableItem = { ...before, ...Key };
    const [, verb, list = ""] = /^(SET|REMOVE) (.*)$/.exec(UpdateExpression) ?? [];
    for (const part of list.split(", ")) {
      const [name = "", value = ""] = part.split(" = ");
      const given = values[value];
      if (verb === "REMOVE") delete after[nameOf(name)];
      else if (given) after[nameOf(name)] = given;
    }
    items.set(keyOf(Key), after);
    return { status: 200, body: input.ReturnValues === "ALL_OLD" ? { Attributes: before } : {} };
  }

  const transport: HttpTransport = {
    async post(headers, body) {
      // As over a network: other calls may come in between.
      await new Promise((resolve) => setImmediate(resolve));
      const input = JSON.parse(body) as GetItemInput & UpdateItemInput;
      const item = items.get(keyOf(input.Key));
      const answer = headers["x-amz-target"]?.endsWith("GetItem")
        ? { status: 200, body: item ? { Item: item } : {} }
        : update(input);
      return { status: answer.status, headers: {}, body: JSON.stringify(answer.body) };
    },
    close() {},
  };
  return { transport, items };
}
