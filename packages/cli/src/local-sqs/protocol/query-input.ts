import { invalidParameterValue } from "../sqs-errors.js";
import type { Input } from "./input.js";

/** The query protocol's names of list members, in the singular, with what they are called in the JSON protocol. */
const LISTS: Record<string, string> = {
  ActionName: "Actions",
  AttributeName: "AttributeNames",
  AWSAccountId: "AWSAccountIds",
  ChangeMessageVisibilityBatchRequestEntry: "Entries",
  DeleteMessageBatchRequestEntry: "Entries",
  MessageAttributeName: "MessageAttributeNames",
  MessageSystemAttributeName: "MessageSystemAttributeNames",
  SendMessageBatchRequestEntry: "Entries",
  TagKey: "TagKeys",
};
/** Likewise for maps, whose entries are pairs: `Attribute.1.Name=…&Attribute.1.Value=…`. */
const MAPS: Record<string, { member: string; key: "Name" | "Key" }> = {
  Attribute: { member: "Attributes", key: "Name" },
  MessageAttribute: { member: "MessageAttributes", key: "Name" },
  MessageSystemAttribute: { member: "MessageSystemAttributes", key: "Name" },
  Tag: { member: "Tags", key: "Key" },
};
const INTEGERS = new Set([
  "DelaySeconds",
  "MaxNumberOfMessages",
  "MaxNumberOfMessagesPerSecond",
  "MaxResults",
  "VisibilityTimeout",
  "WaitTimeSeconds",
]);

/** Parameters as a tree, their names split at the dots. */
interface Tree {
  [name: string]: string | Tree;
}

/**
 * The input of an action that came as form parameters, in the JSON protocol's shape.
 * Throws InvalidParameterValue for a number that is none.
 */
export function toInput(parameters: URLSearchParams): Input {
  const tree: Tree = Object.create(null);
  for (const [name, value] of parameters) plant(tree, name.split("."), value);
  return structureOf(tree);
}

function plant(tree: Tree, path: string[], value: string): void {
  let branch = tree;
  for (const step of path.slice(0, -1)) {
    const next = branch[step];
    if (typeof next === "object") branch = next;
    else {
      const fresh: Tree = Object.create(null);
      branch[step] = fresh;
      branch = fresh;
    }
  }
  branch[path.at(-1) ?? ""] = value;
}

function structureOf(tree: Tree): Input {
  const input: Input = Object.create(null);
  for (const [name, value] of Object.entries(tree)) {
    const list = LISTS[name];
    const map = MAPS[name];
    if (list !== undefined) input[list] = itemsOf(value).map(memberOf);
    else if (map !== undefined) input[map.member] = mapOf(value, map.key);
    else
      input[name] =
        typeof value === "string" && INTEGERS.has(name) ? toInteger(name, value) : memberOf(value);
  }
  return input;
}

function memberOf(value: string | Tree): string | Input {
  return typeof value === "string" ? value : structureOf(value);
}

/** Members are numbered; a list of one may go without its number. */
function itemsOf(value: string | Tree): (string | Tree)[] {
  if (typeof value === "string") return [value];
  const numbers = Object.keys(value).filter((key) => /^\d+$/.test(key));
  if (numbers.length === 0) return [value];
  return numbers
    .toSorted((a, b) => Number(a) - Number(b))
    .map((number) => value[number])
    .filter((item) => item !== undefined);
}

function mapOf(value: string | Tree, key: "Name" | "Key"): Input {
  const map: Input = Object.create(null);
  for (const item of itemsOf(value)) {
    if (typeof item === "string") continue;
    const name = item[key];
    if (typeof name === "string") map[name] = memberOf(item.Value ?? "");
  }
  return map;
}

function toInteger(name: string, value: string): number {
  if (/^[+-]?\d{1,15}$/.test(value)) return Number(value);
  throw invalidParameterValue(`Value ${value} for parameter ${name} is invalid. Reason: Must be an integer.`);
}
