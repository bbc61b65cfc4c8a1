import type { ActualState } from "../actual/actual-state.js";
import { DELAYS_UNIT } from "../desired/desired-delays.js";
import { SCHEDULING_UNIT } from "../desired/desired-scheduling.js";
import type { DesiredState, UnitId } from "../desired/desired-state.js";
import {
  delayedName,
  scheduleGroupName,
  schedulerRoleName,
  undeliverableQueueName,
} from "../desired/resource-names.js";
import { isOurs } from "../desired/resource-tags.js";
import { isOurRole } from "./is-our-role.js";
import type { PlanDraft } from "./plan-draft.js";
import type { RemovedParts } from "./removed-parts.js";

/** What of EventBridge Scheduler no file needs any more goes, once nothing waits in it and no queue is left. */
export function planUnusedScheduler(
  draft: PlanDraft,
  { queues, scheduling, delays }: RemovedParts,
  { scope }: DesiredState,
  actual: ActualState,
): void {
  const isThere = (part: { tags: Readonly<Record<string, string>> } | null | undefined) =>
    part !== null && part !== undefined && isOurs(part.tags, scope);
  const phase = "remove";
  const drained = queues.map(({ physicalName }) => `delete-empty-queue ${physicalName}`);
  const removeGroup = (unit: UnitId, name: string, roleName: string, before: readonly string[]) => {
    const found = unit === DELAYS_UNIT ? actual.delays : actual.scheduling;
    const operation = { type: "delete-empty-schedule-group", name } as const;
    const after = [...before];
    if (isThere(found?.group)) after.push(draft.step({ unit, phase, operation, after: before }));
    if (isOurRole(found?.role, scope))
      draft.step({ unit, phase, operation: { type: "delete-role", roleName }, after });
  };
  if (scheduling) removeGroup(SCHEDULING_UNIT, scheduleGroupName(scope), schedulerRoleName(scope), drained);
  if (!delays) return;
  const queue = undeliverableQueueName(scope);
  const before = [...drained];
  if (isThere(actual.queues[queue])) {
    const operation = {
      ...({ type: "delete-empty-queue", queue, deadLetterQueue: null } as const),
      ...{ functionName: null, fedBy: [] },
    };
    before.push(draft.step({ unit: DELAYS_UNIT, phase, operation, after: drained }));
  }
  removeGroup(DELAYS_UNIT, delayedName(scope), delayedName(scope), before);
}
