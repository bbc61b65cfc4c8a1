import type { Aws } from "../aws/connect.js";
import type { StageScope } from "../desired/desired-state.js";
import { delayedName } from "../desired/resource-names.js";
import type { ActualDelays } from "./actual-state.js";
import { readRole } from "./read-role.js";
import { readScheduleGroup } from "./read-scheduling.js";

/** Reads the group of delayed messages, without the messages, and its role; null where neither is there. */
export async function readDelays(aws: Aws, scope: StageScope): Promise<ActualDelays | null> {
  const name = delayedName(scope);
  const [group, role] = await Promise.all([readScheduleGroup(aws, name), readRole(aws, name)]);
  return group || role ? { group, role } : null;
}
