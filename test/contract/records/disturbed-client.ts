import { AwsError } from "../../../packages/runtime/src/aws/aws-error.js";
import type { TableClient } from "../../../packages/runtime/src/aws/table-client.js";

/** The operations of a table that change it. */
type Write = "putItem" | "updateItem" | "deleteItem" | "batchWriteItem";

/** What a test does to the calls of a table. */
export type Disturbance = {
  /** Called before an operation has any effect. */
  before: (operation: keyof TableClient, input: object) => Promise<void> | void;
  /** Called when an operation has had its effect, and before its caller hears of it. */
  after: (operation: keyof TableClient, input: object) => Promise<void> | void;
  /** Every answer to a write is lost once: what may be repeated is called again, as the SDK does; the rest fails. */
  losesAnswers: boolean;
};

/** @returns a client that calls `client`, disturbed as `disturbance` says at the time */
export function disturbedClient(client: TableClient, disturbance: Disturbance): TableClient {
  const wrap = <I extends object, A extends unknown[], O>(
    operation: keyof TableClient,
    call: (input: I, ...rest: A) => Promise<O>,
    repeated: (...rest: A) => boolean = () => true,
  ) => {
    return async (input: I, ...rest: A): Promise<O> => {
      await disturbance.before(operation, input);
      if (disturbance.losesAnswers && isWrite(operation)) {
        await call(input, ...rest).catch(() => {});
        await disturbance.after(operation, input);
        if (!repeated(...rest)) throw new AwsError({ name: "TimeoutError", message: "the answer was lost" });
        return call(input, ...rest);
      }
      const output = await call(input, ...rest);
      await disturbance.after(operation, input);
      return output;
    };
  };
  return {
    getItem: wrap("getItem", client.getItem),
    putItem: wrap("putItem", client.putItem),
    updateItem: wrap("updateItem", client.updateItem),
    deleteItem: wrap("deleteItem", client.deleteItem),
    query: wrap("query", client.query),
    batchGetItem: wrap("batchGetItem", client.batchGetItem),
    batchWriteItem: wrap("batchWriteItem", client.batchWriteItem, (options) => !options?.once),
    close: client.close,
  };
}

function isWrite(operation: keyof TableClient): operation is Write {
  return ["putItem", "updateItem", "deleteItem", "batchWriteItem"].includes(operation);
}
