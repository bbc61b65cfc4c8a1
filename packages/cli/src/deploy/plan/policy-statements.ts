import type { IamStatement } from "@queue-run/runtime/config";
import { canonicalJson } from "../desired/fingerprint.js";
import type { Change } from "./step.js";

/** @param policy - a document as IAM gives it; null where there is none */
export function statementsOf(policy: unknown): IamStatement[] {
  if (policy === null || typeof policy !== "object" || !("Statement" in policy)) return [];
  // IAM allows a single statement without a list.
  return [policy.Statement].flat().filter(isStatement);
}

/** What older and newer code may both run under: all that either may do, and only what both are denied. */
export function widenedStatements(
  older: readonly IamStatement[],
  newer: readonly IamStatement[],
): IamStatement[] {
  const before = new Set(older.map(meaning));
  const widened = newer.filter((each) => !isDeny(each) || before.has(meaning(each)));
  const after = new Set(newer.map(meaning));
  for (const statement of older) {
    if (isDeny(statement) || after.has(meaning(statement))) continue;
    // One statement for the resources of both: a policy has little room.
    const alike = widened.findIndex((each) => isSameButResource(each, statement));
    const found = widened[alike];
    if (found) widened[alike] = { ...found, Resource: sorted([found.Resource, statement.Resource].flat()) };
    else widened.push(statement);
  }
  return widened;
}

/** @returns a change for each statement that comes or goes; none where both policies mean the same */
export function statementChanges(from: readonly IamStatement[], to: readonly IamStatement[]): Change[] {
  const before = new Set(from.map(meaning));
  const after = new Set(to.map(meaning));
  const gone = from.filter((statement) => !after.has(meaning(statement)));
  const added = to.filter((statement) => !before.has(meaning(statement)));
  return [
    ...gone.map((each) => ({ setting: "policy", from: statementText(each), to: null })),
    ...added.map((each) => ({ setting: "policy", from: null, to: statementText(each) })),
  ];
}

function isStatement(value: unknown): value is IamStatement {
  return value !== null && typeof value === "object";
}

function isDeny({ Effect }: IamStatement): boolean {
  return Effect === "Deny";
}

/** Equal for statements that say the same in another order. */
function meaning({ Effect = "Allow", Action, Resource, ...rest }: IamStatement): string {
  return canonicalJson({ Effect, Action: sorted(Action), Resource: sorted(Resource), ...rest });
}

function isSameButResource(one: IamStatement, other: IamStatement): boolean {
  return meaning({ ...one, Resource: "*" }) === meaning({ ...other, Resource: "*" });
}

function sorted(list: string | string[]): string[] {
  return [...new Set([list].flat())].sort();
}

function statementText({ Effect = "Allow", Action, Resource, Condition }: IamStatement): string {
  const actions = [Action].flat().join(", ");
  const resources = [Resource].flat().map(shortArn).join(", ");
  const only = Condition === undefined ? "" : ` if ${JSON.stringify(Condition)}`;
  return `${Effect === "Deny" ? "deny " : ""}${actions} on ${resources}${only}`;
}

/** What an ARN says besides service, region and account: "shop-prod-emails", "function:shop-prod-api". */
function shortArn(arn: string): string {
  return arn.startsWith("arn:") ? arn.split(":").slice(5).join(":") : arn;
}
