import { GetPolicyCommand } from "@aws-sdk/client-lambda";
import { orNull } from "../aws/aws-failure.js";
import type { Aws } from "../aws/connect.js";
import { lambda } from "../aws/lambda.js";
import { EVERYBODY } from "../desired/invokers.js";
import { LIVE_ALIAS } from "../desired/resource-arns.js";
import type { Invokers } from "./actual-state.js";

type Statement = { Sid?: string; Principal?: unknown; Condition?: unknown };

/** @returns whom the policy on a function's alias lets in: everybody, an API by its id, or somebody else, as IAM says it */
export async function readInvokers(aws: Aws, FunctionName: string): Promise<Invokers> {
  const command = new GetPolicyCommand({ FunctionName, Qualifier: LIVE_ALIAS });
  const found = await orNull(lambda(aws).send(command));
  const document: { Statement?: Statement[] } = JSON.parse(found?.Policy ?? "{}");
  return Object.fromEntries(
    (document.Statement ?? []).flatMap(({ Sid, ...statement }) =>
      Sid === undefined ? [] : [[Sid, invokerOf(statement)]],
    ),
  );
}

function invokerOf({ Principal, Condition }: Statement): string {
  const principal = JSON.stringify(Principal ?? null);
  if (principal === '"*"' || principal === '{"AWS":"*"}') return EVERYBODY;
  const apiId = /"arn:[^":]+:execute-api:[^":]*:[^":]*:([^"/]+)\//.exec(
    JSON.stringify(Condition ?? null),
  )?.[1];
  return apiId ?? principal;
}
