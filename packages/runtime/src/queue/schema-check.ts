import type { StandardSchemaV1 } from "@standard-schema/spec";
import { payloadFailsSchema } from "../errors/push-errors.js";

/**
 * Validates a payload. What is sent is the payload itself, not the schema's output: the schema is applied again where
 * the job runs, and a transformation must not happen twice.
 *
 * @returns a promise only where the schema is asynchronous
 * @throws QR_PAYLOAD_SCHEMA, with the issues
 */
export function checkSchema(
  schema: StandardSchemaV1,
  payload: unknown,
  queueName: string,
): undefined | Promise<undefined> {
  const result = schema["~standard"].validate(payload);
  if (result instanceof Promise) return result.then((settled) => refuseIssues(settled, queueName));
  return refuseIssues(result, queueName);
}

function refuseIssues({ issues }: StandardSchemaV1.Result<unknown>, queueName: string): undefined {
  if (!issues) return undefined;
  const summary = issues.map((issue) => [pathOf(issue), issue.message].filter(Boolean).join(": ")).join("; ");
  throw payloadFailsSchema(queueName, issues, summary);
}

function pathOf({ path = [] }: StandardSchemaV1.Issue): string {
  return path.map((segment) => String(typeof segment === "object" ? segment.key : segment)).join(".");
}
