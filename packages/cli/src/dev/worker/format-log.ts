import { formatWithOptions, inspect } from "node:util";
import { hideSecrets } from "@queue-run/runtime/instance";
import { escapeControl } from "../../terminal/escape-control.js";

/**
 * What `console.log` would print, made safe for a terminal: control characters of what is logged are escaped, while
 * the colours that make it readable stay; headers that carry secrets are hidden.
 *
 * @param colors - whether values are coloured
 */
export function formatLog(values: unknown[], colors: boolean): string {
  return formatWithOptions({ colors }, ...values.map((value) => toSafe(hideSecrets(value), colors)));
}

/** Text inside of objects is escaped by Node's own formatting. */
function toSafe(value: unknown, colors: boolean): unknown {
  if (typeof value === "string") return escapeControl(value);
  if (!(value instanceof Error)) return value;
  // An error is printed by its stack, which holds its message as it is.
  const text = escapeControl(inspect(value, { colors: false }));
  return { [inspect.custom]: () => text, colors };
}
