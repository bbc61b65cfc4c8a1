import type { IamStatement } from "@queue-run/runtime/config";
import type { ActualState } from "../actual/actual-state.js";
import type { StageScope } from "../desired/desired-state.js";
import { nameInArn, queueArn } from "../desired/resource-arns.js";
import { statementsOf } from "./policy-statements.js";
import type { RemovedFunction, RemovedParts, RemovedQueue } from "./removed-parts.js";

/** Who pushes to a queue that is to go, among what is to go with it. */
export type QueueSenders = {
  /** The queue's own function. */
  consumer: RemovedFunction | null;
  /** Functions, by name, that have to go first: what they push would be lost. */
  before: string[];
  /** Queues, by physical name, whose jobs push to this one as its jobs, by whatever way, push to them. */
  eachOther: string[];
  /** Whether a function pushes to it of which it is not known yet what it is: it does not go with this deploy. */
  isHeld: boolean;
};

/**
 * Finds out who sends to whom from what the roles allow, since there is no source any more.
 *
 * @returns for a queue, its senders
 */
export function removedSenders(
  { queues, functions }: RemovedParts,
  actual: ActualState,
  scope: StageScope,
): (queue: RemovedQueue) => QueueSenders {
  const consumerOf = ({ name }: RemovedQueue) => functions.find(({ id }) => id === `queue:${name}`) ?? null;
  const mayPush = (fn: RemovedFunction, queue: RemovedQueue): boolean => {
    const statements = statementsOf(actual.functions[fn.physicalName]?.role?.policy ?? null);
    return statements.some((statement) => allowsSending(statement, queueArn(scope, queue.physicalName)));
  };
  const leadsTo = (from: RemovedQueue, to: RemovedQueue): boolean => {
    const seen = new Set<string>();
    const visit = (queue: RemovedQueue): boolean => {
      const consumer = consumerOf(queue);
      if (!consumer || seen.has(queue.name)) return false;
      seen.add(queue.name);
      return queues.some((next) => mayPush(consumer, next) && (next.name === to.name || visit(next)));
    };
    return visit(from);
  };
  const consumed = (fn: RemovedFunction) =>
    queues.find(({ physicalName }) => fn.queueArn !== null && nameInArn(fn.queueArn) === physicalName);
  const sendersOf = (queue: RemovedQueue) =>
    functions.filter((fn) => fn !== consumerOf(queue) && mayPush(fn, queue));
  const isUnknown = (fn: RemovedFunction) =>
    fn.id === null && Boolean(actual.functions[fn.physicalName]?.latest);
  const held = new Set(queues.filter((queue) => sendersOf(queue).some(isUnknown)));
  // What pushes to a queue stays with its own queue.
  for (const queue of held) {
    const consumer = consumerOf(queue);
    for (const next of queues) if (consumer && mayPush(consumer, next)) held.add(next);
  }
  return (queue) => {
    const senders = sendersOf(queue);
    const isMutual = (fn: RemovedFunction) => {
      const from = consumed(fn);
      return from !== undefined && leadsTo(queue, from);
    };
    return {
      consumer: consumerOf(queue),
      before: senders.filter((fn) => !isMutual(fn)).map(({ physicalName }) => physicalName),
      isHeld: held.has(queue),
      eachOther: senders.filter(isMutual).flatMap((fn) => consumed(fn)?.physicalName ?? []),
    };
  };
}

function allowsSending({ Effect, Action, Resource }: IamStatement, arn: string): boolean {
  const matches = (patterns: string | string[], text: string) =>
    [patterns].flat().some((pattern) => wildcard(pattern).test(text));
  return Effect !== "Deny" && matches(Action, "sqs:SendMessage") && matches(Resource, arn);
}

/** A pattern of IAM: `*` is any text, `?` any character; names of actions have no case. */
function wildcard(pattern: string): RegExp {
  const text = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${text}$`, "i");
}
