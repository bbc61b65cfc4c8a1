import type { StageScope, Tags, UnitId } from "../desired/desired-state.js";
import { isOurs } from "../desired/resource-tags.js";
import { tagChanges } from "./changes.js";
import { nameTaken } from "./name-taken.js";
import type { PlanDraft } from "./plan-draft.js";

/**
 * @param file - what a person looks at when something is wrong
 * @param actual - null: not there
 * @returns whether it is there, or will be; not where its name is taken
 */
export function planScheduleGroup(
  draft: PlanDraft,
  { unit, file }: { unit: UnitId; file: string },
  group: { name: string; arn: string; tags: Tags },
  actual: { tags: Tags } | null,
  scope: StageScope,
): boolean {
  const { name, arn, tags } = group;
  const phase = "prepare";
  if (actual && !isOurs(actual.tags, scope)) {
    draft.problem(nameTaken(file, `The schedule group ${name}`, scope, actual.tags));
    return false;
  }
  if (!actual) {
    draft.step({ unit, phase, operation: { type: "create-schedule-group", name, tags } });
    return true;
  }
  const { changes, ...tagging } = tagChanges(actual.tags, tags);
  if (changes.length > 0)
    draft.step({ unit, phase, operation: { type: "tag-schedule-group", arn, ...tagging }, changes });
  return true;
}
