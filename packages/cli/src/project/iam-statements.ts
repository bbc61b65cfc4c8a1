import type { IamStatement } from "@queue-run/runtime/config";
import { format } from "./setting-reader.js";

const MEMBERS: readonly string[] = ["Sid", "Effect", "Action", "Resource", "Condition"];
/** "s3:GetObject", "dynamodb:*". IAM User Guide, "IAM JSON policy elements: Action". */
const ACTION = /^(?:\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+)$/;
/** Six parts. IAM User Guide, "IAM JSON policy elements: Resource"; policy variables may be in the last. */
const RESOURCE = /^(?:\*|arn:[^:]+:[^:]+:[^:]*:[^:]*:.+)$/;
const SID = /^[A-Za-z0-9]*$/;
/** What a policy may be written in. IAM API Reference, PutRolePolicy, PolicyDocument. */
const UNWRITABLE = /[^\t\n\r\x20-\xff]/;

/**
 * Why IAM would refuse a statement in a role's policy, which it says only when the role is made.
 *
 * @returns the end of a sentence that begins with where the statement is: " has …", ".Action …"; null for a good one
 */
export function iamStatementFault(statement: unknown): string | null {
  if (!isRecord(statement)) return ` is ${format(statement)}, not an object`;
  const { Sid, Effect, Action, Resource, Condition } = statement;
  const unknown = Object.keys(statement).find((key) => !MEMBERS.includes(key));
  if (unknown !== undefined) return ` has ${unknown}, which is not one of ${MEMBERS.join(", ")}`;
  if (Sid !== undefined && !(typeof Sid === "string" && SID.test(Sid)))
    return `.Sid is ${format(Sid)}; letters and digits are allowed`;
  if (Effect !== undefined && Effect !== "Allow" && Effect !== "Deny")
    return `.Effect is ${format(Effect)}, neither "Allow" nor "Deny"`;
  return (
    listFault("Action", Action, ACTION, 'a service and an action, such as "s3:GetObject"') ??
    listFault("Resource", Resource, RESOURCE, 'an ARN, such as "arn:aws:s3:::bucket/*", or "*"') ??
    conditionFault(Condition) ??
    (UNWRITABLE.test(JSON.stringify(statement)) ? " has a character that IAM does not take" : null)
  );
}

/** Whether all of a list are statements that IAM would take. */
export function areIamStatements(list: unknown): list is IamStatement[] {
  return Array.isArray(list) && list.every((statement) => iamStatementFault(statement) === null);
}

function listFault(member: string, given: unknown, shape: RegExp, what: string): string | null {
  if (given === undefined) return ` has no ${member}`;
  const list: unknown[] = Array.isArray(given) ? given : [given];
  if (list.length === 0) return `.${member} is empty`;
  const wrong = list.find((item) => typeof item !== "string" || !shape.test(item));
  return wrong === undefined ? null : `.${member} has ${format(wrong)}, which is not ${what}`;
}

/** { StringEquals: { "aws:PrincipalTag/team": "a" } } */
function conditionFault(condition: unknown): string | null {
  if (condition === undefined) return null;
  const isValue = (value: unknown) => ["string", "number", "boolean"].includes(typeof value);
  const areKeys = (keys: unknown) =>
    isRecord(keys) && Object.values(keys).every((value) => [value].flat().every(isValue));
  if (isRecord(condition) && Object.values(condition).every(areKeys)) return null;
  return `.Condition is ${format(condition)}, not an object such as { StringEquals: { "aws:RequestedRegion": "eu-west-1" } }`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
