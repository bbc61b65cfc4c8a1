import { isAction } from "./actions/action-names.js";
import { type Owner, toQueueArn } from "./queue-names.js";
import { invalidValue } from "./sqs-errors.js";

/** A queue's access policy as AddPermission makes it. It is kept and given back; nothing is refused because of it. */
type Policy = { Version: string; Id: string; Statement: unknown[] };

export type Permission = { label: string; accountIds: string[]; actions: string[] };

/** The policy with the permission added. Throws InvalidParameterValue for a label that is taken or an unknown action. */
export function withPermission(
  policyJson: string | undefined,
  { label, accountIds, actions }: Permission,
  queue: { owner: Owner; name: string },
): string {
  const arn = toQueueArn(queue.owner, queue.name);
  const policy = parsePolicy(policyJson) ?? {
    Version: "2008-10-17",
    Id: `${arn}/SQSDefaultPolicy`,
    Statement: [],
  };
  if (policy.Statement.some((statement) => sidOf(statement) === label)) {
    throw invalidValue(label, "Label", "Already exists.");
  }
  const unknown = actions.find((action) => action !== "*" && !isAction(action));
  if (unknown !== undefined) {
    throw invalidValue(
      `SQS:${unknown}`,
      "ActionName",
      "Please refer to the appropriate WSDL for a list of valid actions. ",
    );
  }
  const statement = {
    Sid: label,
    Effect: "Allow",
    Principal: { AWS: oneOrMany(accountIds.map((id) => `arn:aws:iam::${id}:root`)) },
    Action: oneOrMany(actions.map((action) => `SQS:${action}`)),
    Resource: arn,
  };
  return JSON.stringify({ ...policy, Statement: [...policy.Statement, statement] });
}

/** The policy without the permission; null where nothing is left of it. Throws InvalidParameterValue for no such label. */
export function withoutPermission(policyJson: string | undefined, label: string): string | null {
  const policy = parsePolicy(policyJson);
  const left = policy?.Statement.filter((statement) => sidOf(statement) !== label);
  if (policy === undefined || left?.length === policy.Statement.length) {
    throw invalidValue(label, "Label", "can't find label.");
  }
  return left === undefined || left.length === 0 ? null : JSON.stringify({ ...policy, Statement: left });
}

/** A policy that was set whole may have its statement outside of a list. */
function parsePolicy(json: string | undefined): Policy | undefined {
  if (json === undefined) return undefined;
  const policy: { Version?: string; Id?: string; Statement?: unknown } = JSON.parse(json);
  const { Statement: statement = [], Version = "2008-10-17", Id = "__default_policy_ID" } = policy;
  return { ...policy, Version, Id, Statement: Array.isArray(statement) ? statement : [statement] };
}

function sidOf(statement: unknown): unknown {
  return typeof statement === "object" && statement !== null && "Sid" in statement
    ? statement.Sid
    : undefined;
}

function oneOrMany(items: string[]): string | string[] {
  return items.length === 1 && items[0] !== undefined ? items[0] : items;
}
