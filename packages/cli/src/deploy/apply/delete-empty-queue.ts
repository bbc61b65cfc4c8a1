import { DeleteQueueCommand, SetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { readMapping } from "../actual/read-function.js";
import { orNull } from "../aws/aws-failure.js";
import { sqs } from "../aws/sqs.js";
import { acceptingPolicy, isRefusing, refusingPolicy } from "../desired/draining-policy.js";
import { queueArn } from "../desired/resource-arns.js";
import { sleep } from "../waiting.js";
import { deleteMapping } from "./mapping-operations.js";
import type { OperationContext, Run } from "./operation.js";
import { type QueueContents, readQueueContents } from "./queue-contents.js";
import { hasSchedulesAimedAt } from "./schedules-aimed-at.js";

/** SQS's counts lag: a queue is empty when they have been 0 for this long. SQS Developer Guide, "Confirming that a queue is empty". */
const WATCH_MS = 180_000;
const LOOK_EVERY_MS = 10_000;
/** A changed policy is in force everywhere by then. SQS API Reference, SetQueueAttributes. */
const POLICY_MS = 60_000;

/**
 * Deletes a queue and its dead-letter queue once they are empty: they are watched, then nobody may send any more, then
 * they are looked at once more. Anything seen on the way leaves everything as it was.
 */
export const deleteEmptyQueue: Run<"delete-empty-queue"> = async (operation, context) => {
  const { clock } = context.aws;
  const names = [operation.queue, operation.deadLetterQueue].filter((name) => name !== null);
  const watched = [...names, ...operation.fedBy];
  const untilMs = clock.now() + WATCH_MS;
  for (;;) {
    const seen = await whatIsThere(watched, context);
    if (seen !== null) return leave(names, seen, context);
    const remainingMs = untilMs - clock.now();
    if (remainingMs <= 0) break;
    if ((await existing(names, context)).length === 0) break;
    context.say(
      `${operation.queue} is empty: it goes if nothing comes for another ${Math.ceil(remainingMs / 1000)} s`,
    );
    await sleep(Math.min(LOOK_EVERY_MS, remainingMs), clock, context.stop);
    if (context.stop.aborted) return leave(names, "it was stopped", context);
  }
  const outcome = await refuseThenDelete(names, watched, context);
  if (outcome === "done") await deleteMappingOf(operation, context);
  return outcome;
};

/** Last, so that no queue is ever left without its consumer. */
async function deleteMappingOf(
  { queue, functionName }: Parameters<typeof deleteEmptyQueue>[0],
  context: OperationContext,
): Promise<void> {
  if (functionName === null) return;
  const mapping = await readMapping(context.aws, functionName, queueArn(context.scope, queue));
  if (mapping) await deleteMapping({ type: "delete-mapping", uuid: mapping.uuid, functionName }, context);
}

async function refuseThenDelete(
  names: string[],
  watched: string[],
  context: OperationContext,
): Promise<"done" | "left"> {
  const { aws, stop, say } = context;
  if ((await existing(names, context)).length === 0) return "done";
  await setPolicies(names, context, ({ policy, arn }) => refusingPolicy(policy, arn));
  say(`${names[0]} refuses messages: a last look in ${POLICY_MS / 1000} s`);
  await sleep(POLICY_MS, aws.clock, stop);
  const seen = stop.aborted ? "it was stopped" : await whatIsThere(watched, context);
  if (seen !== null) {
    await setPolicies(names, context, ({ policy }) => (isRefusing(policy) ? acceptingPolicy(policy) : null));
    return leave(names, seen, context);
  }
  for (const { url } of await existing(names, context))
    await orNull(sqs(aws).send(new DeleteQueueCommand({ QueueUrl: url })));
  return "done";
}

/** @returns what keeps the queues from going, for people; null: nothing */
async function whatIsThere(names: string[], context: OperationContext): Promise<string | null> {
  const { aws, scope } = context;
  for (const name of names) {
    const contents = await readQueueContents(aws, name);
    if (!contents) continue;
    if (contents.messages > 0)
      return `${contents.messages} ${contents.messages === 1 ? "message is" : "messages are"} in ${name}`;
    if (await hasSchedulesAimedAt(aws, scope, contents)) return `delayed messages are scheduled for ${name}`;
  }
  return null;
}

/** A removal that was killed may have left its policy: it goes with whatever ends this one. */
async function leave(names: string[], seen: string, context: OperationContext): Promise<"left"> {
  await setPolicies(names, context, ({ policy }) => (isRefusing(policy) ? acceptingPolicy(policy) : null));
  context.say(`${names[0]} stays, since ${seen}: draining, run again`, true);
  return "left";
}

async function setPolicies(
  names: string[],
  context: OperationContext,
  policyOf: (queue: QueueContents) => string | null,
): Promise<void> {
  for (const queue of await existing(names, context)) {
    const Policy = policyOf(queue);
    if (Policy === null) continue;
    const command = new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes: { Policy } });
    await orNull(sqs(context.aws).send(command));
  }
}

async function existing(names: string[], { aws }: OperationContext): Promise<QueueContents[]> {
  const found = await Promise.all(names.map((name) => readQueueContents(aws, name)));
  return found.filter((queue) => queue !== null);
}
