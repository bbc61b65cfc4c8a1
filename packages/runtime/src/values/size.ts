/** A size: a number of bytes, or a number with its unit: "64KB", "1MB" (1,048,576 bytes), "1GB". */
export type Size = number | `${number}${"B" | "KB" | "MB" | "GB"}`;

const BYTES_PER_UNIT: Record<string, number> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/**
 * @param size - bytes, or a string such as "64KB"
 * @returns whole bytes, or null when it is not a size
 */
export function sizeInBytes(size: unknown): number | null {
  if (typeof size === "number") return Number.isFinite(size) && size >= 0 ? Math.floor(size) : null;
  if (typeof size !== "string") return null;
  const match = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB)$/i.exec(size.trim());
  if (!match?.[1] || !match[2]) return null;
  return Math.floor(Number(match[1]) * (BYTES_PER_UNIT[match[2].toUpperCase()] ?? 1));
}
