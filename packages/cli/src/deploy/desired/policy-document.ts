import type { IamStatement } from "@queue-run/runtime/config";

/** A policy as IAM takes it. IAM User Guide, "IAM JSON policy elements reference". */
export type PolicyDocument = { Version: "2012-10-17"; Statement: IamStatement[] };

/** The inline policy of a role. */
export function policyDocument(statements: readonly IamStatement[]): PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: statements.map((statement) => ({ Effect: "Allow", ...statement })),
  };
}

/** What of IAM's quota a policy uses: white space is not counted. */
export function policyLength(statements: readonly IamStatement[]): number {
  return JSON.stringify(policyDocument(statements)).replace(/\s/g, "").length;
}
