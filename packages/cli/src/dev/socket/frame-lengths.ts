/** The longest header of a frame, but for what is counted below: 2 bytes, 8 of length, 4 of mask. RFC 6455, section 5.2. */
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const MASK_BYTES = 4;

/**
 * Follows a client's frames through the bytes of a connection, to find one that is longer than API Gateway takes: what
 * reads WebSockets knows the length of whole messages alone.
 *
 * @returns a function that is given the bytes as they come, and tells whether a frame is too long
 */
export function watchFrameLengths(maxBytes: number): (bytes: Uint8Array) => boolean {
  /** Of the header that is being read. */
  let header: number[] = [];
  let toSkip = 0;
  return (bytes) => {
    for (let at = 0; at < bytes.length; ) {
      if (toSkip > 0) {
        const skipped = Math.min(toSkip, bytes.length - at);
        toSkip -= skipped;
        at += skipped;
        continue;
      }
      header.push(bytes[at++] ?? 0);
      const length = lengthOf(header);
      if (length === null) continue;
      if (length > maxBytes) return true;
      const isMasked = ((header[1] ?? 0) & 0x80) !== 0;
      toSkip = length + (isMasked ? MASK_BYTES : 0);
      header = [];
    }
    return false;
  };
}

/** @returns the payload's length; null while the header does not say it */
function lengthOf(header: number[]): number | null {
  if (header.length < 2) return null;
  const short = (header[1] ?? 0) & 0x7f;
  const bytes = short === LENGTH_16 ? 2 : short === LENGTH_64 ? 8 : 0;
  if (bytes === 0) return short;
  if (header.length < 2 + bytes) return null;
  return header.slice(2).reduce((length, byte) => length * 256 + byte, 0);
}
