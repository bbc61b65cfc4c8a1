/** What a deploy was asked for. */
export type PlanOptions = {
  /** Remove what the project no longer has. */
  prune: boolean;
  /** Compare everything, whatever earlier deploys recorded. */
  refresh: boolean;
  /** What is to be is of an earlier deploy (a rollback): what it lacks came later, and stays. */
  isGoingBack?: boolean;
};

/** Whether what the project no longer has goes. A rollback removes nothing. */
export function removes({ prune = false, isGoingBack = false }: Partial<PlanOptions>): boolean {
  return prune && !isGoingBack;
}
