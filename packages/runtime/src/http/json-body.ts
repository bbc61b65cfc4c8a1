/** Spellings of the names that can reach a prototype, escaped ones included. */
const SUSPICIOUS = /__proto__|"constructor"|\\u/;

/**
 * Parses a client's JSON. Members that could pollute a prototype when they are copied (`__proto__`, and a
 * `constructor` that holds a `prototype`) are left out.
 *
 * @throws SyntaxError
 */
export function parseUntrustedJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (typeof value === "object" && SUSPICIOUS.test(text)) removePollution(value);
  return value;
}

/** By a list of what is left to see rather than by recursion: a client chooses how deep its JSON is. */
function removePollution(value: unknown): void {
  const pending: unknown[] = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next !== "object" || next === null) continue;
    if (Object.hasOwn(next, "__proto__")) Reflect.deleteProperty(next, "__proto__");
    if (Object.hasOwn(next, "constructor") && holdsPrototype(next.constructor)) {
      Reflect.deleteProperty(next, "constructor");
    }
    for (const member of Object.values(next))
      if (typeof member === "object" && member !== null) pending.push(member);
  }
}

function holdsPrototype(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, "prototype");
}
