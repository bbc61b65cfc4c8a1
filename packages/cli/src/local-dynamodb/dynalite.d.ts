/** What is used of dynalite, which has no types of its own. */

declare module "dynalite/validations/index.js" {
  import type { ItemStore } from "./item-store.js";

  const validations: {
    /** Throws an error with `statusCode` and `body` for what DynamoDB would refuse. */
    checkTypes(input: unknown, types: unknown): unknown;
    checkValidations(input: unknown, types: unknown, custom: unknown, store: ItemStore): void;
  };
  export default validations;
}

declare module "dynalite/validations/*" {
  export const types: unknown;
  export const custom: unknown;
}

declare module "dynalite/actions/*" {
  import type { ItemStore } from "./item-store.js";

  const action: (store: ItemStore, input: unknown, done: (error: unknown, output: unknown) => void) => void;
  export default action;
}
