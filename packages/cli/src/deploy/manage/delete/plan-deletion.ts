import type { ActualDetails, ActualSummary } from "../../actual/actual-state.js";
import { stageVariablesParameter } from "../../actual/stage-variables.js";
import type { StageScope } from "../../desired/desired-state.js";
import {
  apiName,
  delayedName,
  logGroupName,
  scheduleGroupName,
  socketName,
  tableName,
} from "../../desired/resource-names.js";
import { isOurs } from "../../desired/resource-tags.js";
import { createPlanDraft } from "../../plan/plan-draft.js";
import type { Operation, Plan } from "../../plan/step.js";

/** What there is of a stage, as AWS says. */
export type StageContents = Pick<ActualSummary, "roles"> &
  ActualDetails & {
    /** Whether the stage has variables of its own. */
    hasVariables: boolean;
  };

/**
 * Everything of a stage goes, in an order in which nothing runs that has lost what it needs: schedules, mappings,
 * functions, then the rest; the table, which knows of the stage and keeps others out, last. What is not tagged as the
 * stage's is left alone.
 */
export function planDeletion(scope: StageScope, contents: StageContents): Plan {
  const draft = createPlanDraft();
  const add = (operation: Operation, after: readonly string[]) =>
    draft.step({ unit: "stage", phase: "remove", operation, after });
  const ours = <T extends { tags: Readonly<Record<string, string>> }>(
    part: T | null | undefined,
  ): T | null => (part && isOurs(part.tags, scope) ? part : null);

  const first: string[] = [];
  if (ours(contents.scheduling?.group))
    first.push(add({ type: "delete-schedule-group", name: scheduleGroupName(scope) }, []));
  if (ours(contents.delays?.group))
    first.push(add({ type: "delete-schedule-group", name: delayedName(scope) }, []));
  if (ours(contents.socket?.api)) first.push(add({ type: "delete-api", name: socketName(scope) }, []));
  if (contents.endpoint?.api) first.push(add({ type: "delete-api", name: apiName(scope) }, []));

  const functions: string[] = [];
  const rest: string[] = [];
  for (const [functionName, found] of Object.entries(contents.functions)) {
    if (!found) continue;
    const before = [...first];
    if (found.mapping)
      before.push(add({ type: "delete-mapping", uuid: found.mapping.uuid, functionName }, first));
    if (found.latest && ours(found)) functions.push(add({ type: "delete-function", functionName }, before));
    else functions.push(...before);
    if (ours(found.logGroup))
      rest.push(add({ type: "delete-log-group", name: logGroupName(functionName) }, functions));
  }
  for (const [physicalName, found] of Object.entries(contents.queues))
    if (ours(found)) rest.push(add({ type: "delete-queue", physicalName }, functions));
  for (const roleName of contents.roles) rest.push(add({ type: "delete-role", roleName }, functions));
  if (contents.hasVariables)
    rest.push(add({ type: "delete-parameter", name: stageVariablesParameter(scope) }, functions));
  if (ours(contents.table)) add({ type: "delete-table", name: tableName(scope) }, [...functions, ...rest]);
  return draft.finish();
}
