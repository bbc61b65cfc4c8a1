import type { ActualQueue } from "../actual/actual-state.js";
import type { DesiredQueue, StageScope } from "../desired/desired-state.js";
import { acceptingPolicy, isRefusing } from "../desired/draining-policy.js";
import { isOurs } from "../desired/resource-tags.js";
import { changed, tagChanges } from "./changes.js";
import { nameTaken } from "./name-taken.js";
import type { PlanDraft } from "./plan-draft.js";
import type { Change, Phase } from "./step.js";

/** Attributes that grow before newer code runs, and shrink when older code has gone. */
const WIDENED = new Set(["VisibilityTimeout", "MessageRetentionPeriod", "MaximumMessageSize"]);

/**
 * @param actual - null: not there
 * @param deadLetterQueue - physical name of the one that its redrive policy names; null for a dead-letter queue
 */
export function planQueue(
  draft: PlanDraft,
  queue: DesiredQueue,
  actual: ActualQueue | null,
  scope: StageScope,
  deadLetterQueue: string | null,
): void {
  const { unit, physicalName, tags } = queue;
  // SQS refuses a redrive policy whose queue is not there.
  const after = [deadLetterQueue && `create-queue ${deadLetterQueue}`];
  if (actual === null) {
    const attributes = { ...(queue.fifo && { FifoQueue: "true" }), ...queue.attributes };
    const changes = Object.entries(attributes).flatMap(([name, value]) => changed(name, null, value));
    const operation = { type: "create-queue", physicalName, attributes, tags } as const;
    draft.step({ unit, phase: "prepare", operation, changes, after });
    return;
  }
  if (!isOurs(actual.tags, scope)) {
    draft.problem(nameTaken(queue.file, `The SQS queue ${physicalName}`, scope, actual.tags));
    return;
  }
  const phases = attributeChanges(queue, actual);
  for (const phase of ["prepare", "narrow"] as const) {
    const { attributes, changes } = phases[phase];
    if (changes.length === 0) continue;
    const operation = { type: "set-queue-attributes", physicalName, attributes } as const;
    draft.step({ unit, phase, operation, changes, after, again: phase === "narrow" ? phase : undefined });
  }
  const { MessageRetentionPeriod: kept } = actual.attributes;
  const wanted = Number(queue.attributes.MessageRetentionPeriod);
  if (isShorter(wanted, kept)) {
    const operation = { type: "lower-retention", physicalName, seconds: wanted } as const;
    const changes = changed("MessageRetentionPeriod", kept, wanted);
    draft.step({ unit, phase: "narrow", operation, changes });
  }
  const { changes, ...tagging } = tagChanges(actual.tags, tags);
  if (changes.length > 0) {
    const operation = { type: "tag-queue", physicalName, ...tagging } as const;
    draft.step({ unit, phase: "prepare", operation, changes });
  }
}

type Changes = { attributes: Record<string, string>; changes: Change[] };

function attributeChanges(queue: DesiredQueue, actual: ActualQueue): Record<"prepare" | "narrow", Changes> {
  const phases = {
    prepare: { attributes: {}, changes: [] } as Changes,
    narrow: { attributes: {}, changes: [] } as Changes,
  };
  for (const [name, value] of Object.entries(queue.attributes)) {
    const current = actual.attributes[name];
    // SQS deletes what is older at once, so that is a step of its own.
    if (name === "MessageRetentionPeriod" && isShorter(Number(value), current)) continue;
    const changes =
      name === "RedrivePolicy" && isSameRedrive(current, value) ? [] : changed(name, current, value);
    const isShrinking = WIDENED.has(name) && isShorter(Number(value), current);
    const phase: Extract<Phase, "prepare" | "narrow"> = isShrinking ? "narrow" : "prepare";
    if (changes.length > 0) phases[phase].attributes[name] = value;
    phases[phase].changes.push(...changes);
  }
  const { Policy } = actual.attributes;
  if (isRefusing(Policy)) {
    phases.prepare.attributes.Policy = acceptingPolicy(Policy);
    phases.prepare.changes.push({ setting: "Policy", from: "refuses messages", to: "takes messages" });
  }
  return phases;
}

function isShorter(wanted: number, current: string | undefined): boolean {
  return current !== undefined && wanted < Number(current);
}

/** SQS may give the members in another order, and the count as a string. */
function isSameRedrive(current: string | undefined, wanted: string): boolean {
  const meaning = (policy: string): string => {
    const { deadLetterTargetArn, maxReceiveCount } = JSON.parse(policy);
    return `${deadLetterTargetArn} ${Number(maxReceiveCount)}`;
  };
  return current !== undefined && current !== "" && meaning(current) === meaning(wanted);
}
