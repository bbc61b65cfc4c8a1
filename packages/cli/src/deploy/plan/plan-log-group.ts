import type { ActualFunction } from "../actual/actual-state.js";
import type { DesiredFunction, StageScope } from "../desired/desired-state.js";
import { isOurs } from "../desired/resource-tags.js";
import { changed, tagChanges } from "./changes.js";
import { nameTaken } from "./name-taken.js";
import type { PlanDraft } from "./plan-draft.js";

/**
 * @param hasFunction - whether the function is there, and ours: Lambda then logs into no other group, whoever made it
 */
export function planLogGroup(
  draft: PlanDraft,
  { unit, file, logGroup }: DesiredFunction,
  actual: ActualFunction["logGroup"],
  hasFunction: boolean,
  scope: StageScope,
): void {
  const { name, retentionDays, tags } = logGroup;
  const phase = "prepare";
  if (actual && !hasFunction && !isOurs(actual.tags, scope)) {
    draft.problem(nameTaken(file, `The log group ${name}`, scope, actual.tags));
    return;
  }
  const created = actual
    ? null
    : draft.step({ unit, phase, operation: { type: "create-log-group", name, tags } });
  const retention = changed("retention (days)", actual?.retentionDays, retentionDays);
  if (retention.length > 0) {
    const operation = { type: "set-log-retention", name, retentionDays } as const;
    draft.step({ unit, phase, operation, changes: retention, after: [created] });
  }
  if (!actual) return;
  const { changes, ...tagging } = tagChanges(actual.tags, tags);
  if (changes.length > 0)
    draft.step({ unit, phase, operation: { type: "tag-log-group", name, ...tagging }, changes });
}
