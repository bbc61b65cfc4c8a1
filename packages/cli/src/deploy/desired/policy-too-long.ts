import type { Problem } from "../../project/manifest.js";
import { problem } from "../../project/problem.js";
import { IAM_MAX_ROLE_POLICY_LENGTH } from "../limits.js";

/**
 * @param of - the code that would run under it: the newer one, or, while a deploy goes on, the older one as well
 * @param length - as IAM counts
 */
export function policyTooLong(file: string, roleName: string, of: "new" | "both", length: number): Problem {
  const during = of === "both" ? " while older code still needs what it had" : "";
  return problem(
    "QR_POLICY_TOO_LONG",
    file,
    null,
    `The policy of role ${roleName} would be ${length} characters long${during}; IAM allows ${IAM_MAX_ROLE_POLICY_LENGTH}.`,
    of === "both"
      ? "Deploy in two steps: first add the new permissions, then take the old ones away."
      : "Write permissions with fewer statements: actions and resources in lists, and * for resources with a common beginning.",
  );
}
