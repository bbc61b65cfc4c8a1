/**
 * How a queue that is to be deleted refuses messages while it is looked at a last time: a statement in its policy
 * (attribute `Policy`), beside whatever others stand there. Whoever finds it on a queue that stays takes it out.
 */
const STATEMENT_ID = "queue-run-draining";

type Policy = { Version?: string; Statement?: { Sid?: string }[] };

/**
 * @param policy - the queue's attribute `Policy`; undefined or empty where there is none
 * @param queueArn - of the queue
 * @returns the policy under which nobody can send to it
 */
export function refusingPolicy(policy: string | undefined, queueArn: string): string {
  const { Statement = [], ...rest } = parsePolicy(policy);
  const refuse = {
    Sid: STATEMENT_ID,
    Effect: "Deny",
    Principal: "*",
    Action: "sqs:SendMessage",
    Resource: queueArn,
  };
  const others = Statement.filter(({ Sid }) => Sid !== STATEMENT_ID);
  return JSON.stringify({ Version: "2012-10-17", ...rest, Statement: [...others, refuse] });
}

/** Whether a queue refuses messages because it was to be deleted. */
export function isRefusing(policy: string | undefined): boolean {
  return parsePolicy(policy).Statement?.some(({ Sid }) => Sid === STATEMENT_ID) ?? false;
}

/** @returns the policy without our statement; empty, which takes the policy away, when nothing else is in it */
export function acceptingPolicy(policy: string | undefined): string {
  const { Statement = [], ...rest } = parsePolicy(policy);
  const others = Statement.filter(({ Sid }) => Sid !== STATEMENT_ID);
  return others.length === 0 ? "" : JSON.stringify({ ...rest, Statement: others });
}

function parsePolicy(policy: string | undefined): Policy {
  if (policy === undefined || policy === "") return {};
  const parsed: Policy & { Statement?: unknown } = JSON.parse(policy);
  // IAM's JSON allows a single statement without a list.
  const statements = [parsed.Statement ?? []].flat() as { Sid?: string }[];
  return { ...parsed, Statement: statements };
}
