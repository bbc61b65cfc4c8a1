import type { StandardSchemaV1 } from "@standard-schema/spec";
import { payloadFailsSchema } from "../errors/push-errors.js";

/** @throws QR_PAYLOAD_SCHEMA, with the issues, when there are any */
export function refuseIssues({ issues }: StandardSchemaV1.Result<unknown>, queueName: string): void {
  if (!issues) return;
  const summary = issues.map((issue) => [pathOf(issue), issue.message].filter(Boolean).join(": ")).join("; ");
  throw payloadFailsSchema(queueName, issues, summary);
}

function pathOf({ path = [] }: StandardSchemaV1.Issue): string {
  return path.map((segment) => String(typeof segment === "object" ? segment.key : segment)).join(".");
}
