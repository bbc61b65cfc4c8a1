/**
 * An answer, ready to be written: what every result, reply, Response and error becomes.
 */
export type Answer = {
  status: number;
  /** By lower-case name; without `set-cookie`. */
  headers: Record<string, string>;
  /** Set-Cookie headers, one each. */
  cookies: string[];
  body: string | Uint8Array | ReadableStream<Uint8Array> | null;
};

/** @returns an answer without headers of its own */
export function makeAnswer(status: number, body: Answer["body"], contentType?: string): Answer {
  const headers: Record<string, string> = contentType === undefined ? {} : { "content-type": contentType };
  return { status, headers, cookies: [], body };
}

/** @returns whether the body arrives piece by piece */
export function isStream(body: Answer["body"]): body is ReadableStream<Uint8Array> {
  return typeof body === "object" && body !== null && !(body instanceof Uint8Array);
}
