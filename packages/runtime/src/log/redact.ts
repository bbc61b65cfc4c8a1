import { describeError } from "../errors/describe-error.js";
import { isSecret, REDACTED } from "./secret-names.js";

const MAX_DEPTH = 8;
/** Of one list or object. */
const MAX_MEMBERS = 1_000;
/** Of all text in one value: CloudWatch cuts a line at 256 KB (Lambda's limit of a log event). */
const MAX_CHARACTERS = 100_000;

/** What may still be written of a value, and what it is inside of. */
type Writing = { charactersLeft: number; ancestors: object[] };

/**
 * A copy of a value for a log line: headers that carry secrets are hidden at any depth, by their name; what JSON cannot
 * carry (circular references, bigints, functions, errors) is put into words; what is huge is cut. Never throws, whatever
 * getters and proxies do.
 */
export function toLoggable(
  value: unknown,
  writing: Writing = { charactersLeft: MAX_CHARACTERS, ancestors: [] },
): unknown {
  try {
    return copyOf(value, writing);
  } catch {
    return "[cannot be read]";
  }
}

function copyOf(value: unknown, writing: Writing): unknown {
  switch (typeof value) {
    case "string":
      return cut(value, writing);
    case "bigint":
      return `${value}n`;
    case "number":
      return Number.isFinite(value) ? value : String(value);
    case "function":
      return `[function ${value.name || "anonymous"}]`;
    case "symbol":
      return String(value);
    case "object":
      return value === null ? null : copyOfObject(value, writing);
    default:
      return value;
  }
}

function copyOfObject(value: object, writing: Writing): unknown {
  const { ancestors } = writing;
  if (ancestors.includes(value)) return "[circular]";
  if (ancestors.length >= MAX_DEPTH || writing.charactersLeft <= 0) return "[…]";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`;
  if (value instanceof RegExp) return String(value);
  ancestors.push(value);
  try {
    if (value instanceof Error) return copyOfMembers(Object.entries(describeError(value)), writing);
    if ("toJSON" in value && typeof value.toJSON === "function") return toLoggable(value.toJSON(), writing);
    if (Array.isArray(value)) return copyOfList(value, writing);
    if (value instanceof Set) return copyOfList([...value], writing);
    return copyOfMembers(isEntries(value) ? [...value.entries()] : Object.keys(value), writing, value);
  } finally {
    ancestors.pop();
  }
}

/** Also a list of names and values in turn, as Node's `rawHeaders` is one. */
function copyOfList(list: unknown[], writing: Writing): unknown[] {
  const shown = list.slice(0, MAX_MEMBERS);
  const copies = shown.map((item, index) =>
    index > 0 && isSecret(list[index - 1], item) ? REDACTED : toLoggable(item, writing),
  );
  if (list.length > shown.length) copies.push(`… ${list.length - shown.length} more`);
  return copies;
}

/** @param members - names of `owner`'s members, which are read one by one since any may throw; or names with values */
function copyOfMembers(members: (string | [unknown, unknown])[], writing: Writing, owner?: object): object {
  const copy: Record<string, unknown> = {};
  const set = (name: string, value: unknown): void => {
    Object.defineProperty(copy, name, { value, enumerable: true, configurable: true });
  };
  for (const member of members.slice(0, MAX_MEMBERS)) {
    const name = typeof member === "string" ? member : String(member[0]);
    set(
      name,
      toLoggableMember(
        name,
        () => (typeof member === "string" ? memberOf(owner, member) : member[1]),
        writing,
      ),
    );
  }
  if (members.length > MAX_MEMBERS) set("…", `${members.length - MAX_MEMBERS} more`);
  return copy;
}

function toLoggableMember(name: string, read: () => unknown, writing: Writing): unknown {
  try {
    const value = read();
    return isSecret(name, value) ? REDACTED : copyOf(value, writing);
  } catch {
    return "[cannot be read]";
  }
}

function memberOf(owner: object | undefined, name: string): unknown {
  return (owner as Record<string, unknown> | undefined)?.[name];
}

function cut(text: string, writing: Writing): string {
  const { charactersLeft } = writing;
  writing.charactersLeft -= text.length;
  if (text.length <= charactersLeft) return text;
  return `${text.slice(0, Math.max(charactersLeft, 0))}… ${text.length - Math.max(charactersLeft, 0)} more characters`;
}

/** A Map, or the Fetch API's Headers, which is not to be woken up by asking for it. */
function isEntries(value: object): value is { entries(): Iterable<[unknown, unknown]> } {
  return value instanceof Map || (value.constructor?.name === "Headers" && "entries" in value);
}
