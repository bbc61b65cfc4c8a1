/** A Content-Type header, taken apart. */
export type ContentType = {
  /** Lower case, without parameters; "" when there is no header. */
  mediaType: string;
  /** Lower case; null when it is not given. */
  charset: string | null;
};

export const FORM_TYPE = "application/x-www-form-urlencoded";
export const MULTIPART_TYPE = "multipart/form-data";

/** @param header - a Content-Type header, or undefined */
export function parseContentType(header: string | undefined): ContentType {
  if (header === undefined) return { mediaType: "", charset: null };
  const end = header.indexOf(";");
  const mediaType = (end < 0 ? header : header.slice(0, end)).trim().toLowerCase();
  if (end < 0) return { mediaType, charset: null };
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(header)?.[1];
  return { mediaType, charset: charset?.toLowerCase() ?? null };
}

/**
 * @param accepted - types, with wildcards: "image/*", "application/*+json", or "*" for any; the common misspelling
 *   "application/x-www-form-urlencode" counts as the form type
 */
export function acceptsType(accepted: readonly string[], mediaType: string): boolean {
  return accepted.some((type) => matchesType(type.trim().toLowerCase(), mediaType));
}

function matchesType(accepted: string, mediaType: string): boolean {
  if (accepted === mediaType || accepted === "*/*" || accepted === "*") return mediaType !== "";
  if (accepted === "application/x-www-form-urlencode") return mediaType === FORM_TYPE;
  const star = accepted.indexOf("*");
  if (star < 0) return false;
  const [start, end] = [accepted.slice(0, star), accepted.slice(star + 1)];
  return mediaType.length >= accepted.length && mediaType.startsWith(start) && mediaType.endsWith(end);
}

/** @returns whether it is JSON, or a format that is written in JSON ("application/problem+json") */
export function isJsonType(mediaType: string): boolean {
  return mediaType === "application/json" || mediaType === "text/json" || mediaType.endsWith("+json");
}

/** @returns whether it is text that is given to handlers as a string */
export function isTextType(mediaType: string): boolean {
  return mediaType.startsWith("text/") || mediaType === "application/xml" || mediaType.endsWith("+xml");
}
