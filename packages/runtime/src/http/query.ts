import { addField, emptyFields } from "./field-values.js";
import type { QueryValues } from "./http-request.js";

/**
 * @param rawQueryString - without its question mark, as the client sent it
 * @returns the values, decoded as `URLSearchParams` does, without a prototype; repeated names are arrays
 */
export function parseQuery(rawQueryString: string): QueryValues {
  const values = emptyFields<string>();
  if (rawQueryString === "") return values;
  for (const [name, value] of new URLSearchParams(rawQueryString)) addField(values, name, value);
  return values;
}
