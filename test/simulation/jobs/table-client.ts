import type { TableClient } from "../../../packages/runtime/src/aws/table-client.js";
import type { TableItem } from "../../../packages/runtime/src/aws/table-shapes.js";
import type { JobRecords, RecordBook } from "../../../packages/runtime/src/records/record-store.js";
import { createTableRecords } from "../../../packages/runtime/src/records/table-records.js";
import type { Request } from "./requests.js";
import { type SimulatedTable, TABLE } from "./table.js";

/** The records of jobs, as one process reaches them. */
export function recordsOver(
  request: Request,
  table: SimulatedTable,
  now: () => number,
): RecordBook & JobRecords {
  return createTableRecords({ client: tableClient(request, table), tableName: TABLE, now });
}

function tableClient(request: Request, table: SimulatedTable): TableClient {
  const call = <T>(operation: string, input: object) =>
    request(operation, () => table.call(operation, input)) as Promise<T>;
  return {
    async getItem(input) {
      return (await call<{ Item?: TableItem }>("GetItem", input)).Item ?? null;
    },
    async putItem(input) {
      await call("PutItem", input);
    },
    async updateItem(input) {
      return (await call<{ Attributes?: TableItem }>("UpdateItem", input)).Attributes ?? {};
    },
    async deleteItem(input) {
      await call("DeleteItem", input);
    },
    query: (input) => call("Query", input),
    async batchGetItem({ TableName, ...keys }) {
      const input = { RequestItems: { [TableName]: keys } };
      const { Responses } = await call<{ Responses?: Record<string, TableItem[]> }>("BatchGetItem", input);
      return Responses?.[TableName] ?? [];
    },
    async batchWriteItem({ TableName, Items }) {
      const requests = Items.map((Item) => ({ PutRequest: { Item } }));
      await call("BatchWriteItem", { RequestItems: { [TableName]: requests } });
    },
    close: () => {},
  };
}
