import type { ModelQueue } from "./model.js";
import type { Call, Simulation } from "./simulation.js";

/** A random call, or none when this one has nothing to work on. */
export type Action = { name: string; weight: number; make: (simulation: Simulation) => Call | null };

/** Any queue there is. */
export function pickQueue(simulation: Simulation): ModelQueue | undefined {
  return simulation.pick([...simulation.model.queues.values()]);
}

/** Throws the error on when it is not of this code. */
export function expectCode(error: unknown, code: string): void {
  if (!(error instanceof Error) || !("code" in error) || error.code !== code) throw error;
}
