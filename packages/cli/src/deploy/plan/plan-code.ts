import type { ActualFunction, ActualVersion } from "../actual/actual-state.js";
import type { DesiredFunction } from "../desired/desired-state.js";
import { codeChanges, configurationChanges, isAsDesired } from "./function-version.js";
import type { PlanDraft } from "./plan-draft.js";
import type { FunctionContext } from "./plan-function.js";
import type { Change } from "./step.js";

type AliasAfter = readonly (string | null)[];

/** What other steps may wait for; null where there is nothing to wait for. */
export type CodeSteps = {
  /** The step that creates the function. */
  created: string | null;
  /** The step that makes the alias point at what is to serve. */
  aliasStep: string | null;
};

/**
 * Code, settings and variables, a version of them, and the alias that points at it.
 *
 * @param aliasAfter - ids of steps that come before the alias is made or moved
 */
export function planCode(
  draft: PlanDraft,
  fn: DesiredFunction,
  actual: ActualFunction | null,
  aliasAfter: AliasAfter,
  context: FunctionContext,
): CodeSteps {
  const { code } = fn;
  const latest = actual?.latest ?? null;
  const live = actual?.live ?? null;
  if (latest === null) return planNewFunction(draft, fn, aliasAfter, context);
  const published = code.from === "version" && code.asPublished ? code.version : null;
  const serves =
    published === null ? live && isAsDesired(fn, live, context.known) : live?.version === published;
  if (live && serves)
    return {
      created: null,
      aliasStep: actual?.sharesCalls ? planWholeAlias(draft, fn, live, aliasAfter) : null,
    };
  const aliasStep =
    published === null
      ? planNewVersion(draft, fn, latest, live, aliasAfter, context)
      : planAlias(draft, fn, live, published, aliasAfter);
  return { created: null, aliasStep };
}

function planNewFunction(
  draft: PlanDraft,
  fn: DesiredFunction,
  aliasAfter: AliasAfter,
  context: FunctionContext,
): CodeSteps {
  const { unit, code, configuration } = fn;
  const operation = { type: "create-function", function: fn } as const;
  const changes: Change[] = [
    ...(code.from === "zip" ? [{ setting: "code (bytes)", from: null, to: String(code.bytes) }] : []),
    { setting: "memory (MB)", from: null, to: String(configuration.memoryMegabytes) },
    { setting: "timeout (seconds)", from: null, to: String(configuration.timeoutSeconds) },
  ];
  const isFirst = context.givesUrl === fn.physicalName;
  const after = isFirst ? [] : [urlStep(fn, context)];
  const created = draft.step({ unit, phase: "code", operation, changes, after });
  if (!isFirst) return { created, aliasStep: planAlias(draft, fn, null, null, aliasAfter) };
  planFirstAlias(draft, fn, created);
  return { created, aliasStep: planVersionWithUrl(draft, fn, [], aliasAfter, context) };
}

function planNewVersion(
  draft: PlanDraft,
  fn: DesiredFunction,
  latest: ActualVersion,
  live: ActualVersion | null,
  aliasAfter: AliasAfter,
  context: FunctionContext,
): string {
  const { unit } = fn;
  const changes = codeChanges(fn, latest);
  const operation = { type: "update-code", function: fn } as const;
  const updated = changes.length > 0 ? draft.step({ unit, phase: "code", operation, changes }) : null;
  if (context.givesUrl === fn.physicalName && live === null) {
    planFirstAlias(draft, fn, planPublish(draft, fn, [updated], "before its address is known"));
    return planVersionWithUrl(
      draft,
      fn,
      configurationChanges(fn, latest, context.known),
      aliasAfter,
      context,
    );
  }
  const configured = planConfiguration(
    draft,
    fn,
    configurationChanges(fn, latest, context.known),
    [updated],
    context,
  );
  planPublish(draft, fn, [updated, configured]);
  return planAlias(draft, fn, live, null, aliasAfter);
}

/**
 * An address is known only when the alias is there, so a function whose own address it is gets an alias first, and a
 * version that knows it after that. Nobody may call the first one yet.
 */
function planFirstAlias(draft: PlanDraft, fn: DesiredFunction, after: string): void {
  const { unit, id: functionId, physicalName: functionName } = fn;
  const operation = { type: "create-alias", functionId, functionName, version: null } as const;
  draft.step({ unit, phase: "code", operation, after: [after] });
}

function planVersionWithUrl(
  draft: PlanDraft,
  fn: DesiredFunction,
  changes: readonly Change[],
  aliasAfter: AliasAfter,
  context: FunctionContext,
): string {
  const { id: functionId, physicalName: functionName } = fn;
  const withUrl =
    changes.length > 0 ? changes : [{ setting: "QUEUE_RUN_URL", from: null, to: "the new address" }];
  const configured = planConfiguration(draft, fn, withUrl, [], context);
  planPublish(draft, fn, [configured]);
  const operation = { type: "update-alias", functionId, functionName, version: null } as const;
  return draft.step({ unit: fn.unit, phase: "switch", operation, after: aliasAfter });
}

function planConfiguration(
  draft: PlanDraft,
  fn: DesiredFunction,
  changes: readonly Change[],
  after: readonly (string | null)[],
  context: FunctionContext,
): string | null {
  if (changes.length === 0) return null;
  const operation = { type: "update-configuration", function: fn } as const;
  return draft.step({
    unit: fn.unit,
    phase: "code",
    operation,
    changes,
    after: [...after, urlStep(fn, context)],
  });
}

function planPublish(
  draft: PlanDraft,
  fn: DesiredFunction,
  after: readonly (string | null)[],
  again?: string,
): string {
  const { unit, id: functionId, physicalName: functionName, code } = fn;
  const operation = {
    type: "publish-version",
    functionId,
    functionName,
    codeSha256: code.codeSha256,
  } as const;
  return draft.step({ unit, phase: "code", operation, after, again });
}

/** @param version - null: the one that the plan publishes */
function planAlias(
  draft: PlanDraft,
  fn: DesiredFunction,
  live: ActualVersion | null,
  version: string | null,
  aliasAfter: AliasAfter,
): string {
  const { unit, id: functionId, physicalName: functionName } = fn;
  const type = live === null ? "create-alias" : "update-alias";
  const changes: Change[] =
    live && version !== null ? [{ setting: "version", from: live.version, to: version }] : [];
  const operation = { type, functionId, functionName, version } as const;
  return draft.step({ unit, phase: "switch", operation, changes, after: aliasAfter });
}

/** All of the calls to the version that serves. */
function planWholeAlias(
  draft: PlanDraft,
  { unit, id: functionId, physicalName: functionName }: DesiredFunction,
  { version }: ActualVersion,
  after: AliasAfter,
): string {
  const operation = { type: "update-alias", functionId, functionName, version } as const;
  const changes = [{ setting: "calls to another version", from: "a part of them", to: "none" }];
  return draft.step({ unit, phase: "switch", operation, changes, after });
}

function urlStep({ environment }: DesiredFunction, { known }: FunctionContext): string | null {
  return environment.withUrl && "step" in known.api ? known.api.step : null;
}
