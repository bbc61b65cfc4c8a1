import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { watchFrameLengths } from "./frame-lengths.js";

const MOST = 32 * 1024;

/** A masked frame of a text, as clients send them. RFC 6455, section 5.2 */
function frame(bytes: number): Buffer {
  const length =
    bytes < 126 ? [bytes] : bytes < 65_536 ? [126, ...bigEndian(bytes, 2)] : [127, ...bigEndian(bytes, 8)];
  const [short = 0, ...long] = length;
  return Buffer.concat([Buffer.from([0x81, 0x80 | short, ...long]), randomBytes(4 + bytes)]);
}

function bigEndian(value: number, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, index) => Math.floor(value / 256 ** (bytes - 1 - index)) % 256);
}

/** Whether any piece of the bytes, cut at these places, is found to begin a frame that is too long. */
function isTooLong(bytes: Buffer, pieceBytes: number): boolean {
  const watch = watchFrameLengths(MOST);
  for (let at = 0; at < bytes.length; at += pieceBytes)
    if (watch(bytes.subarray(at, at + pieceBytes))) return true;
  return false;
}

describe("the lengths of frames", () => {
  it.each([1, 2, 3, 7, 1_000, 100_000])("are followed through pieces of %i bytes", (pieceBytes) => {
    const fine = Buffer.concat([0, 1, 125, 126, 127, 65, MOST - 1, MOST].map(frame));
    expect(isTooLong(fine, pieceBytes)).toBe(false);
    expect(isTooLong(Buffer.concat([fine, frame(MOST + 1)]), pieceBytes)).toBe(true);
    expect(isTooLong(Buffer.concat([fine, frame(70_000)]), pieceBytes)).toBe(true);
  });

  it("are found by the header alone", () => {
    expect(isTooLong(frame(70_000).subarray(0, 10), 10)).toBe(true);
    expect(isTooLong(frame(MOST).subarray(0, 10), 10)).toBe(false);
  });
});
