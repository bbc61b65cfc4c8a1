import type { ActualRole } from "../actual/actual-state.js";
import type { DesiredRole, StageScope, UnitId } from "../desired/desired-state.js";
import { policyLength } from "../desired/policy-document.js";
import { policyTooLong } from "../desired/policy-too-long.js";
import { isOurs } from "../desired/resource-tags.js";
import { namesSocketApi, withSocketApi } from "../desired/socket-access.js";
import { IAM_MAX_ROLE_POLICY_LENGTH } from "../limits.js";
import { changed, isSame, tagChanges } from "./changes.js";
import type { KnownAddress } from "./known-addresses.js";
import { nameTaken, roleOfAnotherRegion } from "./name-taken.js";
import type { PlanDraft } from "./plan-draft.js";
import { statementChanges, statementsOf, widenedStatements } from "./policy-statements.js";

/**
 * A role, its trust and its one inline policy. While older and newer code may both run, the policy allows what either
 * needs.
 *
 * @param socket - where the socket's address comes from, for policies that name its API
 */
export function planRole(
  draft: PlanDraft,
  unit: UnitId,
  file: string,
  role: DesiredRole,
  actual: ActualRole | null,
  scope: StageScope,
  socket: KnownAddress = { url: null },
): void {
  const { name: roleName } = role;
  const statements = withSocketApi(role.statements, "url" in socket ? socket.url : null);
  const after = "step" in socket && namesSocketApi(statements) ? [socket.step] : [];
  if (actual === null) {
    const changes = statementChanges([], statements);
    const operation = { type: "create-role", role, statements } as const;
    draft.step({ unit, phase: "prepare", operation, changes, after });
    return;
  }
  if (!isOurs(actual.tags, scope)) {
    draft.problem(nameTaken(file, `The IAM role ${roleName}`, scope, actual.tags));
    return;
  }
  if (actual.path !== role.path) {
    draft.problem(roleOfAnotherRegion(file, roleName, scope, actual.path));
    return;
  }
  if (!isSame(actual.trust, role.trust)) {
    const changes = changed("trust", actual.trust, role.trust);
    draft.step({ unit, phase: "prepare", operation: { type: "update-trust", role }, changes });
  }
  const current = statementsOf(actual.policy);
  const widened = widenedStatements(current, statements);
  if (policyLength(widened) > IAM_MAX_ROLE_POLICY_LENGTH)
    draft.problem(policyTooLong(file, roleName, "both", policyLength(widened)));
  const put = (phase: "prepare" | "narrow", from: typeof statements, to: typeof statements) => {
    const changes = statementChanges(from, to);
    if (changes.length === 0) return;
    const operation = { type: "put-role-policy", roleName, statements: to } as const;
    draft.step({ unit, phase, operation, changes, after, again: phase === "narrow" ? phase : undefined });
  };
  put("prepare", current, widened);
  put("narrow", widened, statements);
  const { changes, ...tagging } = tagChanges(actual.tags, role.tags);
  if (changes.length > 0)
    draft.step({ unit, phase: "prepare", operation: { type: "tag-role", roleName, ...tagging }, changes });
}
