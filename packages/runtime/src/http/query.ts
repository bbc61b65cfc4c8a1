import { addField, emptyFields } from "./field-values.js";
import type { QueryValues } from "./http-request.js";

/** A query in which every character stands for itself: most are, and they are read several times as fast. */
const LITERAL = /^[A-Za-z0-9_\-.~=&*,:;@!$/()]*$/;

/**
 * @param rawQueryString - without its question mark, as the client sent it
 * @returns the values, decoded as `URLSearchParams` does, without a prototype; repeated names are arrays
 */
export function parseQuery(rawQueryString: string): QueryValues {
  const values = emptyFields<string>();
  if (rawQueryString === "") return values;
  if (LITERAL.test(rawQueryString)) addLiteralPairs(values, rawQueryString);
  else for (const [name, value] of new URLSearchParams(rawQueryString)) addField(values, name, value);
  return values;
}

function addLiteralPairs(values: QueryValues, query: string): void {
  for (let start = 0; start < query.length; ) {
    const ampersand = query.indexOf("&", start);
    const end = ampersand < 0 ? query.length : ampersand;
    if (end > start) {
      const equals = query.indexOf("=", start);
      const nameEnd = equals < 0 || equals > end ? end : equals;
      addField(values, query.slice(start, nameEnd), query.slice(nameEnd + 1, end));
    }
    start = end + 1;
  }
}
