import type { ActualDelays, ActualQueue } from "../actual/actual-state.js";
import type { DesiredDelays, StageScope } from "../desired/desired-state.js";
import type { PlanDraft } from "./plan-draft.js";
import { planQueue } from "./plan-queue.js";
import { planRole } from "./plan-role.js";
import { planScheduleGroup } from "./plan-schedule-group.js";

const FILE = "queues/";

/**
 * Where messages with long delays wait: all of it is there before code that makes them is.
 *
 * @param undeliverable - the queue as it is; null: not there
 */
export function planDelays(
  draft: PlanDraft,
  delays: DesiredDelays,
  actual: ActualDelays | null,
  undeliverable: ActualQueue | null,
  scope: StageScope,
): void {
  planQueue(draft, delays.undeliverable, undeliverable, scope, null);
  planRole(draft, delays.unit, FILE, delays.role, actual?.role ?? null, scope);
  planScheduleGroup(draft, { unit: delays.unit, file: FILE }, delays.group, actual?.group ?? null, scope);
}
