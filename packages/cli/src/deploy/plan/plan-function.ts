import type { ActualFunction } from "../actual/actual-state.js";
import type { DesiredFunction, StageScope } from "../desired/desired-state.js";
import { isOurs } from "../desired/resource-tags.js";
import { changed, tagChanges } from "./changes.js";
import type { KnownAddresses } from "./known-addresses.js";
import { nameTaken } from "./name-taken.js";
import { planCode } from "./plan-code.js";
import type { PlanDraft } from "./plan-draft.js";
import { planLogGroup } from "./plan-log-group.js";
import { mappingStepBeforeAlias, planMapping } from "./plan-mapping.js";
import { planRole } from "./plan-role.js";

/** What is the same for all functions of a plan. */
export type FunctionContext = {
  scope: StageScope;
  known: KnownAddresses;
  /** Physical name of the function whose alias has to be there before the address can be known. */
  givesUrl: string | null;
  /** Steps that switch other functions, which come before this one's. */
  switchedAfter: (fn: DesiredFunction) => string[];
};

/** A function with its role, log group, versions, alias and mapping. */
export function planFunction(
  draft: PlanDraft,
  fn: DesiredFunction,
  actual: ActualFunction | null,
  context: FunctionContext,
): void {
  const { unit, file, physicalName: functionName } = fn;
  const { scope } = context;
  const latest = actual?.latest ?? null;
  planRole(draft, unit, file, fn.role, actual?.role ?? null, scope, context.known.socket);
  if (actual && latest && !isOurs(actual.tags, scope)) {
    draft.problem(nameTaken(file, `The Lambda function ${functionName}`, scope, actual.tags));
    return;
  }
  planLogGroup(draft, fn, actual?.logGroup ?? null, latest !== null, scope);
  const mapping = actual?.mapping ?? null;
  const aliasAfter = [...context.switchedAfter(fn), mappingStepBeforeAlias(fn, mapping)];
  const { created, aliasStep } = planCode(draft, fn, actual, aliasAfter, context);
  planMapping(draft, fn, mapping, aliasStep);

  const recursion = changed("recursion", actual?.recursiveLoop ?? "Terminate", fn.recursiveLoop);
  if (recursion.length > 0) {
    const operation = { type: "allow-recursion", functionName, recursiveLoop: fn.recursiveLoop } as const;
    draft.step({ unit, phase: "code", operation, changes: recursion, after: [created] });
  }
  const invocation = [
    ...changed(
      "retries",
      actual?.asyncInvocation?.maximumRetryAttempts,
      fn.asyncInvocation?.maximumRetryAttempts,
    ),
    ...changed(
      "longest wait of a run (seconds)",
      actual?.asyncInvocation?.maximumEventAgeSeconds,
      fn.asyncInvocation?.maximumEventAgeSeconds,
    ),
  ];
  if (invocation.length > 0) {
    const operation = { type: "set-async-invocation", functionName, settings: fn.asyncInvocation } as const;
    draft.step({ unit, phase: "switch", operation, changes: invocation, after: [aliasStep] });
  }
  if (!actual || !latest) return;
  const { changes, ...tagging } = tagChanges(actual.tags, fn.tags);
  if (changes.length > 0)
    draft.step({
      unit,
      phase: "code",
      operation: { type: "tag-function", arn: fn.arn, ...tagging },
      changes,
    });
}
