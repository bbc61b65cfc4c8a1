import type { ActualRole } from "../actual/actual-state.js";
import type { StageScope } from "../desired/desired-state.js";
import { rolePath } from "../desired/resource-names.js";
import { isOurs } from "../desired/resource-tags.js";

/** Whether a role is this stage's in this region: by its tags, and by its path, since roles are the same in all regions. */
export function isOurRole(role: ActualRole | null | undefined, scope: StageScope): boolean {
  return Boolean(role) && isOurs(role?.tags ?? {}, scope) && role?.path === rolePath(scope);
}
