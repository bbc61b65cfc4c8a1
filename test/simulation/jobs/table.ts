import { itemStore } from "../../../packages/cli/src/local-dynamodb/item-store.js";
import { callOperation } from "../../../packages/cli/src/local-dynamodb/operations.js";
import type {
  Database,
  DatabaseOperation,
  DatabaseRange,
} from "../../../packages/cli/src/local-sqs/storage/database.js";
import { AwsError } from "../../../packages/runtime/src/aws/aws-error.js";
import type { TableItem } from "../../../packages/runtime/src/aws/table-shapes.js";

export const TABLE = "simulated";

/** The development table over memory: dynalite's own conditions and expressions. It survives every crash. */
export class SimulatedTable {
  readonly #rows = new Map<string, string>();
  readonly #store;
  /** Hears of each change of an item. */
  onChange: (before: TableItem | null, after: TableItem | null) => void = () => {};

  constructor() {
    const database = {
      read: (key: string) => this.#rows.get(key),
      write: async (operations: DatabaseOperation[]) => {
        for (const operation of operations) this.#write(operation);
      },
      values: (range: DatabaseRange) => this.#values(range),
    };
    this.#store = itemStore(database as unknown as Database, TABLE);
  }

  get items(): TableItem[] {
    return [...this.#rows.values()].map((text) => JSON.parse(text) as TableItem);
  }

  /** @throws AwsError */
  async call(operation: string, input: object): Promise<Record<string, unknown>> {
    const { status, body } = await callOperation(this.#store, operation, JSON.stringify(input));
    const answer = JSON.parse(body);
    if (status === 200) return answer;
    throw new AwsError({ name: String(answer.__type).split("#")[1] ?? "", message: String(answer.message) });
  }

  /** As the dev server does when it starts, and when a worker has ended: what that was running may be claimed. */
  releaseLeases(tokenPrefix: string): void {
    for (const [key, text] of this.#rows) {
      const item = JSON.parse(text) as TableItem;
      const isHeld = stringOf(item.status) === "running" && stringOf(item.leaseToken).startsWith(tokenPrefix);
      if (isHeld) this.#rows.set(key, JSON.stringify({ ...item, leaseUntil: { N: "0" } }));
    }
  }

  #write(operation: DatabaseOperation): void {
    const { key } = operation;
    const text = this.#rows.get(key);
    const before = text === undefined ? null : (JSON.parse(text) as TableItem);
    if (operation.type === "del") this.#rows.delete(key);
    else this.#rows.set(key, String(operation.value));
    const after = operation.type === "del" ? null : (JSON.parse(String(operation.value)) as TableItem);
    this.onChange(before, after);
  }

  async *#values({ gt, gte, lt, lte, reverse }: DatabaseRange): AsyncIterable<string[]> {
    const keys = [...this.#rows.keys()]
      .filter((key) => (gt === undefined || key > gt) && (gte === undefined || key >= gte))
      .filter((key) => (lt === undefined || key < lt) && (lte === undefined || key <= lte))
      .sort();
    if (reverse) keys.reverse();
    yield keys.map((key) => this.#rows.get(key) ?? "");
  }
}

export function stringOf(value: TableItem[string] | undefined): string {
  return value === undefined ? "" : "S" in value ? value.S : value.N;
}
