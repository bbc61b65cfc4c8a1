const SECRET_HEADERS = new Set([
  "authorization",
  "cookie",
  "proxy-authorization",
  "set-cookie",
  "x-amz-security-token",
  "x-api-key",
]);

const MAX_DEPTH = 8;

/**
 * A copy of a value for a log line: headers that carry secrets are hidden at any depth, by their name; what JSON cannot
 * carry (circular references, bigints, functions) is put into words.
 */
export function toLoggable(value: unknown, ancestors: object[] = []): unknown {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `[function ${value.name || "anonymous"}]`;
  if (typeof value === "symbol") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (ancestors.includes(value)) return "[circular]";
  if (ancestors.length >= MAX_DEPTH) return "[…]";
  const inside = [...ancestors, value];
  if (Array.isArray(value)) return value.map((item) => toLoggable(item, inside));
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`;
  if (value instanceof Set) return [...value].map((item) => toLoggable(item, inside));
  const entries = isEntries(value) ? [...value.entries()] : Object.entries(value);
  const copy: Record<string, unknown> = {};
  for (const [key, member] of entries) {
    const name = String(key);
    const hidden = SECRET_HEADERS.has(name.toLowerCase()) && member !== null && member !== undefined;
    Object.defineProperty(copy, name, {
      value: hidden ? "[redacted]" : toLoggable(member, inside),
      enumerable: true,
    });
  }
  return copy;
}

/** A Map, or the Fetch API's Headers, which is not to be woken up by asking for it. */
function isEntries(value: object): value is { entries(): Iterable<[unknown, unknown]> } {
  return value instanceof Map || (value.constructor?.name === "Headers" && "entries" in value);
}
