/** What a receipt handle says: the queue, the message's number in it, and which of its receives this was. */
export type ReceiptHandle = { queueId: number; seq: number; receiveId: number };

const BYTES = 20;
const MAGIC = 0x7172;

/** An opaque text, as AWS's are. */
export function encodeReceiptHandle({ queueId, seq, receiveId }: ReceiptHandle): string {
  const bytes = Buffer.allocUnsafe(BYTES);
  bytes.writeUInt16BE(MAGIC, 0);
  bytes.writeUInt32BE(queueId, 2);
  bytes.writeUIntBE(seq, 6, 6);
  bytes.writeUIntBE(receiveId, 12, 6);
  bytes.writeUInt16BE(checksum(bytes), 18);
  return bytes.toString("base64");
}

/** Null for a text that is not a receipt handle. */
export function decodeReceiptHandle(text: string): ReceiptHandle | null {
  if (text.length !== 28) return null;
  const bytes = Buffer.from(text, "base64");
  if (bytes.length !== BYTES || bytes.readUInt16BE(0) !== MAGIC || bytes.readUInt16BE(18) !== checksum(bytes))
    return null;
  return { queueId: bytes.readUInt32BE(2), seq: bytes.readUIntBE(6, 6), receiveId: bytes.readUIntBE(12, 6) };
}

function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let index = 0; index < BYTES - 2; index++) sum = (sum * 31 + (bytes[index] ?? 0)) & 0xffff;
  return sum;
}
