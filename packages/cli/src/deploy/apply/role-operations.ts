import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import type { IamStatement } from "@queue-run/runtime/config";
import { nameTakenError } from "../../errors/deploy-errors.js";
import { ROLE_POLICY_NAME, readRole } from "../actual/read-role.js";
import { isAwsError, orNull } from "../aws/aws-failure.js";
import { iam } from "../aws/iam.js";
import { toTagList } from "../aws/tags.js";
import { policyDocument } from "../desired/policy-document.js";
import { isOurs } from "../desired/resource-tags.js";
import { withSocketApi } from "../desired/socket-access.js";
import { eventually } from "../waiting.js";
import type { OperationContext, Run } from "./operation.js";
import { isIamLag, NEW_RESOURCE_BUDGET_MS } from "./passing-failures.js";

export const createRole: Run<"create-role"> = async ({ role, statements }, context) => {
  const { aws, scope } = context;
  const trust = JSON.stringify(role.trust);
  try {
    await iam(aws).send(
      new CreateRoleCommand({
        RoleName: role.name,
        Path: role.path,
        AssumeRolePolicyDocument: trust,
        Tags: toTagList(role.tags),
      }),
    );
  } catch (error) {
    if (!isAwsError(error, "EntityAlreadyExists", "EntityAlreadyExistsException")) throw error;
    const found = await readRole(aws, role.name);
    if (found && (found.path !== role.path || !isOurs(found.tags, scope)))
      throw nameTakenError("role", role.name);
    await whenSeen(context, () =>
      iam(aws).send(new UpdateAssumeRolePolicyCommand({ RoleName: role.name, PolicyDocument: trust })),
    );
  }
  await putPolicy(context, role.name, statements);
  return "done";
};

export const putRolePolicy: Run<"put-role-policy"> = async ({ roleName, statements }, context) => {
  await putPolicy(context, roleName, statements);
  return "done";
};

export const updateTrust: Run<"update-trust"> = async ({ role }, context) => {
  const PolicyDocument = JSON.stringify(role.trust);
  await whenSeen(context, () =>
    iam(context.aws).send(new UpdateAssumeRolePolicyCommand({ RoleName: role.name, PolicyDocument })),
  );
  return "done";
};

export const tagRole: Run<"tag-role"> = async ({ roleName, tags, removedTags }, context) => {
  const client = iam(context.aws);
  await whenSeen(context, () =>
    client.send(new TagRoleCommand({ RoleName: roleName, Tags: toTagList(tags) })),
  );
  if (removedTags.length > 0)
    await client.send(new UntagRoleCommand({ RoleName: roleName, TagKeys: removedTags }));
  return "done";
};

/** A role goes only without its policies, those that somebody added to it too. */
export const deleteRole: Run<"delete-role"> = async ({ roleName: RoleName }, { aws }) => {
  const client = iam(aws);
  const [inline, attached] = await Promise.all([
    orNull(client.send(new ListRolePoliciesCommand({ RoleName }))),
    orNull(client.send(new ListAttachedRolePoliciesCommand({ RoleName }))),
  ]);
  for (const PolicyName of inline?.PolicyNames ?? [])
    await orNull(client.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })));
  for (const { PolicyArn } of attached?.AttachedPolicies ?? [])
    await orNull(client.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })));
  await orNull(client.send(new DeleteRoleCommand({ RoleName })));
  return "done";
};

async function putPolicy(
  context: OperationContext,
  RoleName: string,
  statements: readonly IamStatement[],
): Promise<void> {
  const client = iam(context.aws);
  const PolicyName = ROLE_POLICY_NAME;
  // A document without statements is none.
  if (statements.length === 0) {
    await orNull(client.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })));
    return;
  }
  const named = withSocketApi(statements, context.results.socketUrl);
  const PolicyDocument = JSON.stringify(policyDocument(named));
  await whenSeen(context, () =>
    client.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument })),
  );
}

/** What is done to a role that IAM may not show everywhere yet. */
async function whenSeen({ aws, stop }: OperationContext, attempt: () => Promise<unknown>): Promise<void> {
  await eventually(attempt, {
    clock: aws.clock,
    stop,
    budgetMs: NEW_RESOURCE_BUDGET_MS,
    isPassing: isIamLag,
  });
}
