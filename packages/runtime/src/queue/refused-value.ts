/** A value within a payload that would not arrive as it was sent. */
export type RefusedValue = {
  /** Where it is: `items[2].price`; "" for the payload itself. */
  path: string;
  /** What it is: "a function", "a Map". */
  what: string;
};

/**
 * Looks for what JSON would drop, change or choke on. Objects with a `toJSON` (dates, URLs, decimals) travel as what it
 * gives; a member that is undefined is left out, as JSON does.
 *
 * @returns the first such value, or null when the payload can travel
 */
export function findRefusedValue(payload: unknown): RefusedValue | null {
  const found = visit(payload, []);
  return found ? { path: toPath(found.keys), what: found.what } : null;
}

type Found = { keys: (string | number)[]; what: string };

function visit(value: unknown, ancestors: object[]): Found | null {
  const what = refusedPrimitive(value);
  if (what !== null) return { keys: [], what };
  if (typeof value !== "object" || value === null) return null;
  if (ancestors.includes(value)) return { keys: [], what: "circular" };
  const refused = refusedObject(value);
  if (refused !== null) return { keys: [], what: refused };
  ancestors.push(value);
  const found = visitMembers(value, ancestors);
  ancestors.pop();
  return found;
}

function visitMembers(value: object, ancestors: object[]): Found | null {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const found = visit(value[index], ancestors);
      if (found) return { keys: [index, ...found.keys], what: found.what };
    }
    return null;
  }
  if ("toJSON" in value && typeof value.toJSON === "function") return visit(value.toJSON(""), ancestors);
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    const found = visit(member, ancestors);
    if (found) return { keys: [key, ...found.keys], what: found.what };
  }
  return null;
}

function refusedPrimitive(value: unknown): string | null {
  switch (typeof value) {
    case "undefined":
      return "undefined";
    case "function":
      return "a function";
    case "bigint":
      return "a bigint";
    case "symbol":
      return "a symbol";
    case "number":
      return Number.isFinite(value) ? null : String(value);
    default:
      return null;
  }
}

function refusedObject(value: object): string | null {
  if (Array.isArray(value)) return null;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "an invalid Date" : null;
  if (value instanceof Map) return "a Map";
  if (value instanceof Set) return "a Set";
  if (value instanceof WeakMap || value instanceof WeakSet || value instanceof WeakRef)
    return "a weak reference";
  if (value instanceof Promise) return "a Promise (await it first)";
  if (value instanceof RegExp) return "a RegExp";
  if (value instanceof Error) return "an Error";
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value))
    return "bytes (a Buffer or Uint8Array can be pushed by itself only)";
  return null;
}

function toPath(keys: (string | number)[]): string {
  return keys.reduce<string>((path, key) => {
    if (typeof key === "number") return `${path}[${key}]`;
    if (!/^[A-Za-z_$][\w$]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
    return path === "" ? key : `${path}.${key}`;
  }, "");
}
