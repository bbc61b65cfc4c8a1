import { physicalQueueNames, stagePrefix } from "@queue-run/runtime/names";
import type { SendTargets } from "../../build/source-uses.js";
import type { QueueDefinition } from "../../project/manifest.js";
import type { StageScope } from "./desired-state.js";
import { queueArn } from "./resource-arns.js";

/** Beyond this, ARNs one by one would take too much of what a role's policies may be. */
const MAX_LISTED_LENGTH = 5_000;

/**
 * What a role's policy names for them. Where code may push to any of very many queues, that is every queue of the
 * stage: their ARNs one by one would not fit into a policy.
 *
 * @param queues - the project's
 */
export function sendArns(
  targets: SendTargets,
  queues: readonly Pick<QueueDefinition, "name">[],
  scope: StageScope,
): string[] {
  const named = queues.filter(({ name }) => targets === "all" || targets.has(name));
  const names = named.map(({ name }) => physicalQueueNames({ ...scope, name }).queue);
  const arns = names.map((name) => queueArn(scope, name));
  const prefix = `${stagePrefix(scope)}-`;
  const isTooLong = targets === "all" && arns.join('","').length > MAX_LISTED_LENGTH;
  if (isTooLong && names.every((name) => name.startsWith(prefix))) return [queueArn(scope, `${prefix}*`)];
  return arns;
}
