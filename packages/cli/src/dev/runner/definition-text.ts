import type { WorkerDefinition } from "../worker/protocol.js";

const texts = new WeakMap<WorkerDefinition, string>();

/**
 * What a worker is told that it becomes, in JSON: with hundreds of routes and queues it is large, and the same for every
 * worker of a function, so it is made once.
 */
export function definitionText(definition: WorkerDefinition): string {
  const { function: what, instance } = definition;
  const known = texts.get(definition);
  if (known !== undefined) return known;
  const text = JSON.stringify({ function: what, instance } satisfies WorkerDefinition);
  texts.set(definition, text);
  return text;
}
