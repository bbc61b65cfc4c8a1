import { addField, emptyFields, type FieldValues } from "./field-values.js";
import { malformedBody, problemReply } from "./problem-reply.js";
import type { HttpReply } from "./reply.js";

/** Most fields and files of one form. */
export const MAX_FORM_PARTS = 1_000;

/** 413: more fields than a form may have. */
export function tooManyParts(): HttpReply {
  return problemReply(413, `The form has more than ${MAX_FORM_PARTS} fields`);
}

/**
 * Parses `application/x-www-form-urlencoded`.
 *
 * @throws HttpReply 422 for a malformed escape, 413 for too many fields
 */
export function parseFormBody(text: string): FieldValues<string> {
  const fields = emptyFields<string>();
  const pairs = text.split("&", MAX_FORM_PARTS + 1);
  if (pairs.length > MAX_FORM_PARTS) throw tooManyParts();
  for (const pair of pairs) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = equals < 0 ? pair : pair.slice(0, equals);
    addField(fields, decodeField(name), equals < 0 ? "" : decodeField(pair.slice(equals + 1)));
  }
  return fields;
}

function decodeField(text: string): string {
  const spaced = text.includes("+") ? text.replaceAll("+", " ") : text;
  if (!spaced.includes("%")) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    throw malformedBody(
      "The form has a malformed escape: % must be followed by two hexadecimal digits of UTF-8",
    );
  }
}
