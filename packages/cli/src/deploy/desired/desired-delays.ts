import { physicalQueueNames, stagePrefix } from "@queue-run/runtime/names";
import type { QueueDefinition } from "../../project/manifest.js";
import { desiredUndeliverableQueue } from "./desired-queues.js";
import type { DesiredDelays, StageScope, Tags } from "./desired-state.js";
import { queueArn, roleArn, scheduleGroupArn } from "./resource-arns.js";
import { delayedName, rolePath } from "./resource-names.js";
import { resourceTags } from "./resource-tags.js";
import { schedulerTrust } from "./scheduler-trust.js";

export const DELAYS_UNIT = "delays";

/**
 * What messages wait in that SQS cannot hold back for long enough: a schedule group of their own, so that nobody has to
 * list a million of them in order to see the schedules of files.
 *
 * @returns null without queues
 */
export function desiredDelays(
  queues: readonly Pick<QueueDefinition, "name">[],
  scope: StageScope,
  ownTags: Tags,
): DesiredDelays | null {
  if (queues.length === 0) return null;
  const name = delayedName(scope);
  const group = { name, arn: scheduleGroupArn(scope, name) };
  const path = rolePath(scope);
  const undeliverable = desiredUndeliverableQueue(DELAYS_UNIT, scope, ownTags);
  return {
    unit: DELAYS_UNIT,
    group: { ...group, tags: resourceTags(scope, ownTags, "schedule-group", DELAYS_UNIT) },
    role: {
      name,
      path,
      arn: roleArn(scope, path, name),
      trust: schedulerTrust(scope, group.arn),
      statements: [
        {
          Effect: "Allow",
          Action: ["sqs:SendMessage"],
          Resource: stageQueueArns(queues, undeliverable.arn, scope),
        },
      ],
      tags: resourceTags(scope, ownTags, "role", DELAYS_UNIT),
    },
    undeliverable,
  };
}

/** All of the stage's queues: what waits for the queue of a removed file must arrive too. */
function stageQueueArns(
  queues: readonly Pick<QueueDefinition, "name">[],
  undeliverableArn: string,
  scope: StageScope,
): string[] {
  const prefix = queueArn(scope, `${stagePrefix(scope)}-`);
  const arns = queues.map(({ name }) => queueArn(scope, physicalQueueNames({ ...scope, name }).queue));
  // Names that had to be shortened may lack a part of the prefix.
  const others = [...arns, undeliverableArn].filter((arn) => !arn.startsWith(prefix));
  return [`${prefix}*`, ...others];
}
