import type { DeploySummary } from "../../apply/deploy-record.js";

/**
 * The deploy that a stage is as, by its records: the last one that ended as it should, and where that went back to an
 * earlier one, that one.
 *
 * @param deploys - newest first
 */
export function servingDeploy(deploys: readonly DeploySummary[]): DeploySummary | null {
  const last = deploys.find(({ status }) => status === "done") ?? null;
  return last?.goesBackTo ? (deploys.find(({ id }) => id === last.goesBackTo) ?? last) : last;
}

/**
 * The deploy to go back to when none is named: the one before what serves. Going back twice goes back further, and
 * after a deploy that stopped half-way, the one that served before it.
 *
 * @param deploys - newest first
 */
export function earlierDeploy(deploys: readonly DeploySummary[]): DeploySummary | null {
  const serving = servingDeploy(deploys);
  const [latest] = deploys;
  if (latest?.status === "started") return serving;
  if (!serving) return null;
  const earlier = deploys.filter(
    ({ id, status, goesBackTo }) => id < serving.id && status === "done" && goesBackTo === null,
  );
  return earlier[0] ?? null;
}
