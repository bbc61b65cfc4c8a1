import type { DesiredFunction } from "../desired/desired-state.js";

/**
 * Which functions are switched before a function: those of the queues that it pushes to, so that jobs of newer code
 * find newer consumers. Going back, it is the other way round. Functions that push to each other are switched
 * together.
 *
 * @param isGoingBack - what is to serve is older than what serves
 * @returns for a function, the functions that come before it
 */
export function switchOrder(
  functions: readonly DesiredFunction[],
  isGoingBack: boolean,
): (fn: DesiredFunction) => DesiredFunction[] {
  const consumers = new Map(functions.filter(({ kind }) => kind === "queue").map((fn) => [fn.id, fn]));
  const consumersOf = (fn: DesiredFunction) =>
    fn.sendsTo.flatMap((name) => {
      const consumer = consumers.get(`queue:${name}`);
      return consumer && consumer.id !== fn.id ? [consumer] : [];
    });
  const reached = new Map(functions.map((fn) => [fn.id, reachable(fn, consumersOf)]));
  const comesAfter = (fn: DesiredFunction, consumer: DesiredFunction) =>
    !reached.get(consumer.id)?.has(fn.id) && (reached.get(fn.id)?.has(consumer.id) ?? false);
  if (!isGoingBack) return (fn) => consumersOf(fn).filter((consumer) => comesAfter(fn, consumer));
  return (consumer) =>
    functions.filter((fn) => consumersOf(fn).includes(consumer) && comesAfter(fn, consumer));
}

/** Ids of all that a function's jobs may lead to. */
function reachable(
  start: DesiredFunction,
  consumersOf: (fn: DesiredFunction) => DesiredFunction[],
): Set<string> {
  const found = new Set<string>();
  const waiting = [start];
  for (let fn = waiting.pop(); fn; fn = waiting.pop()) {
    for (const consumer of consumersOf(fn)) {
      if (found.has(consumer.id)) continue;
      found.add(consumer.id);
      waiting.push(consumer);
    }
  }
  return found;
}
