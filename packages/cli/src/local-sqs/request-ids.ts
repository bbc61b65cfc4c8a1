import { randomBytes } from "node:crypto";

/**
 * Makes ids for requests, in the form of AWS's: random for each server, counted within it. Nothing depends on nobody
 * guessing them, and a random id for each request would cost as much as reading its headers.
 */
export function requestIds(): () => string {
  const hex = randomBytes(10).toString("hex");
  const prefix = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-`;
  let count = 0;
  return () => prefix + (++count).toString(16).padStart(12, "0");
}
