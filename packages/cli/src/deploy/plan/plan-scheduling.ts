import type { ActualSchedule, ActualScheduling } from "../actual/actual-state.js";
import type { DesiredSchedule, DesiredScheduling, StageScope } from "../desired/desired-state.js";
import { changed, isSame } from "./changes.js";
import type { PlanDraft } from "./plan-draft.js";
import { planRole } from "./plan-role.js";
import { planScheduleGroup } from "./plan-schedule-group.js";
import type { Change } from "./step.js";

const FILE = "schedules/";

/** The stage's schedules: they start when the functions that they invoke serve; those of removed files go at last. */
export function planScheduling(
  draft: PlanDraft,
  { unit, group, role, schedules }: DesiredScheduling,
  actual: ActualScheduling | null,
  scope: StageScope,
  functionOf: (schedule: DesiredSchedule) => string,
): void {
  planRole(draft, unit, FILE, role, actual?.role ?? null, scope);
  if (!planScheduleGroup(draft, { unit, file: FILE }, group, actual?.group ?? null, scope)) return;
  const wanted = new Set(schedules.map(({ name }) => name));
  for (const schedule of schedules) {
    const current = actual?.schedules[schedule.name];
    const changes = scheduleChanges(current, schedule, role.arn);
    if (changes.length === 0) continue;
    const operation = {
      type: "put-schedule",
      group: group.name,
      roleArn: role.arn,
      schedule,
      exists: current !== undefined,
    } as const;
    const name = functionOf(schedule);
    const after = ["create-alias", "update-alias", "set-async-invocation"];
    draft.step({ unit, phase: "switch", operation, changes, after: after.map((type) => `${type} ${name}`) });
  }
  planRemovedSchedules(
    draft,
    unit,
    group.name,
    Object.keys(actual?.schedules ?? {}).filter((name) => !wanted.has(name)),
  );
}

/** @param names - of schedules that no file asks for */
export function planRemovedSchedules(
  draft: PlanDraft,
  unit: string,
  group: string,
  names: readonly string[],
): void {
  for (const name of names)
    draft.step({ unit, phase: "narrow", operation: { type: "delete-schedule", group, name } });
}

function scheduleChanges(
  actual: ActualSchedule | undefined,
  schedule: DesiredSchedule,
  roleArn: string,
): Change[] {
  const retries = (policy: DesiredSchedule["retryPolicy"] | undefined) =>
    policy && `${policy.maximumRetryAttempts} in ${policy.maximumEventAgeSeconds} s`;
  return [
    ...changed("expression", actual?.expression, schedule.expression),
    ...changed("time zone", actual?.timezone, schedule.timezone),
    ...changed("target", actual?.targetArn, schedule.targetArn),
    ...changed("role", actual?.roleArn, roleArn),
    ...(isSameInput(actual?.input, schedule.input) ? [] : changed("input", actual?.input, schedule.input)),
    ...changed("retries", retries(actual?.retryPolicy), retries(schedule.retryPolicy)),
    ...(actual === undefined ? [] : changed("enabled", actual.enabled, true)),
    ...changed("window, start and end", actual?.bounds, null),
  ];
}

function isSameInput(actual: string | undefined, wanted: string): boolean {
  if (actual === undefined) return false;
  try {
    return isSame(JSON.parse(actual), JSON.parse(wanted));
  } catch {
    return false;
  }
}
