import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { RequestIssue } from "./problem-reply.js";

/** @returns a schema's issues as an answer lists them */
export function toRequestIssues(
  part: RequestIssue["in"],
  issues: readonly StandardSchemaV1.Issue[],
): RequestIssue[] {
  return issues.map(({ path = [], message }) => ({
    in: part,
    path: path.map((segment) => toKey(typeof segment === "object" ? segment.key : segment)),
    message,
  }));
}

function toKey(key: PropertyKey): string | number {
  return typeof key === "number" ? key : String(key);
}
