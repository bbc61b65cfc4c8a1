import { GetRoleCommand, GetRolePolicyCommand } from "@aws-sdk/client-iam";
import { orNull } from "../aws/aws-failure.js";
import type { Aws } from "../aws/connect.js";
import { iam } from "../aws/iam.js";
import { toTags } from "../aws/tags.js";
import type { ActualRole } from "./actual-state.js";

/** The one inline policy that our roles have. */
export const ROLE_POLICY_NAME = "queue-run";

/** Reads a role with its policy; null where there is none of that name. */
export async function readRole(aws: Aws, roleName: string): Promise<ActualRole | null> {
  const client = iam(aws);
  const role = await orNull(client.send(new GetRoleCommand({ RoleName: roleName })));
  if (!role?.Role) return null;
  const policy = await orNull(
    client.send(new GetRolePolicyCommand({ RoleName: roleName, PolicyName: ROLE_POLICY_NAME })),
  );
  const { Arn = "", Path = "/", AssumeRolePolicyDocument, Tags } = role.Role;
  return {
    arn: Arn,
    path: Path,
    trust: toDocument(AssumeRolePolicyDocument),
    policy: toDocument(policy?.PolicyDocument),
    tags: toTags(Tags),
  };
}

/** IAM gives documents as URL-encoded JSON. API Reference, GetRolePolicy. */
function toDocument(encoded: string | undefined): unknown {
  if (encoded === undefined) return null;
  try {
    return JSON.parse(decodeURIComponent(encoded));
  } catch {
    return encoded;
  }
}
