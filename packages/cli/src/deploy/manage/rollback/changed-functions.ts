import type { DeploySummary } from "../../apply/deploy-record.js";

/**
 * @param before - the deploy before it; null: it was the first
 * @returns the ids of the functions that another version served after a deploy
 */
export function changedFunctions(
  { versions }: Pick<DeploySummary, "versions">,
  before: Pick<DeploySummary, "versions"> | null,
): string[] {
  return Object.entries(versions)
    .filter(([id, version]) => before?.versions[id] !== version)
    .map(([id]) => id)
    .sort();
}
