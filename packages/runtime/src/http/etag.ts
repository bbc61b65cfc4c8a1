/**
 * A weak validator of a body: its length and a hash of it. Not cryptographic, since loading `node:crypto` would cost a
 * cold start more than everything else here; a client can only mislead itself with a collision.
 */
export function etagOf(body: string | Uint8Array): string {
  let first = 0xdeadbeef;
  let second = 0x41c6ce57;
  const { length } = body;
  for (let index = 0; index < length; index++) {
    const unit = typeof body === "string" ? body.charCodeAt(index) : (body[index] ?? 0);
    first = Math.imul(first ^ unit, 2_654_435_761);
    second = Math.imul(second ^ unit, 1_597_334_677);
  }
  first =
    Math.imul(first ^ (first >>> 16), 2_246_822_507) ^ Math.imul(second ^ (second >>> 13), 3_266_489_909);
  second =
    Math.imul(second ^ (second >>> 16), 2_246_822_507) ^ Math.imul(first ^ (first >>> 13), 3_266_489_909);
  return `W/"${length.toString(36)}-${(second >>> 0).toString(36)}${(first >>> 0).toString(36)}"`;
}

/** @returns what a route's `etag` function gave, as HTTP writes validators: in quotes */
export function quoteEtag(etag: string): string {
  return /^(W\/)?".*"$/.test(etag) ? etag : `"${etag}"`;
}

/**
 * Whether the client has this version already (RFC 9110, 13.1.2: weak comparison).
 *
 * @param ifNoneMatch - the header: a list of validators, or `*`
 */
export function matchesEtag(ifNoneMatch: string, etag: string): boolean {
  if (ifNoneMatch.trim() === "*") return true;
  const opaque = etag.replace(/^W\//, "");
  return (ifNoneMatch.match(/(?:W\/)?"[^"]*"/g) ?? []).some(
    (candidate) => candidate.replace(/^W\//, "") === opaque,
  );
}
