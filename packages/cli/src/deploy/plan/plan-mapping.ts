import type { ActualMapping } from "../actual/actual-state.js";
import type { DesiredFunction } from "../desired/desired-state.js";
import { changed } from "./changes.js";
import type { PlanDraft } from "./plan-draft.js";

/** Whether a mapping takes messages, or soon will. Lambda API Reference, EventSourceMappingConfiguration, State. */
const RUNNING_STATES = new Set(["Creating", "Enabling", "Enabled", "Updating"]);

/**
 * The step that comes before the alias moves: batches that get smaller do, since the newer function's timeout was made
 * for the smaller ones. Others change after it.
 *
 * @returns its id; null where there is no such step
 */
export function mappingStepBeforeAlias(
  { mapping, physicalName }: DesiredFunction,
  actual: ActualMapping | null,
): string | null {
  if (mapping === null || actual === null) return null;
  const shrinks = mapping.batchSize < actual.batchSize && actual.functionArn === mapping.functionArn;
  return shrinks ? `update-mapping ${physicalName}` : null;
}

/** @param aliasStep - the step that makes or moves the alias; null: it stays where it is */
export function planMapping(
  draft: PlanDraft,
  fn: DesiredFunction,
  actual: ActualMapping | null,
  aliasStep: string | null,
): void {
  const { unit, mapping, physicalName: functionName } = fn;
  if (mapping === null) return;
  if (actual === null || actual.state === "Deleting") {
    const operation = { type: "create-mapping", functionName, mapping } as const;
    const changes = [
      ...changed("batch size", null, mapping.batchSize),
      ...changed("maximum concurrency", null, mapping.maximumConcurrency),
    ];
    draft.step({ unit, phase: "switch", operation, changes, after: [aliasStep] });
    return;
  }
  const changes = [
    ...changed("function", actual.functionArn, mapping.functionArn),
    ...changed("batch size", actual.batchSize, mapping.batchSize),
    ...changed("batch window (seconds)", actual.batchWindowSeconds, mapping.batchWindowSeconds),
    ...changed("maximum concurrency", actual.maximumConcurrency, mapping.maximumConcurrency),
    ...changed("partial batch responses", actual.reportsBatchItemFailures, true),
    ...(RUNNING_STATES.has(actual.state) ? [] : changed("state", actual.state, "Enabled")),
  ];
  if (changes.length === 0) return;
  const operation = { type: "update-mapping", uuid: actual.uuid, functionName, mapping } as const;
  const after = mappingStepBeforeAlias(fn, actual) === null ? [aliasStep] : [];
  draft.step({ unit, phase: "switch", operation, changes, after });
}
