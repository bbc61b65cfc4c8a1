/** What decides where in a delivery a job runs. */
type Plannable = {
  /** SQS's message group; on a standard queue it only marks a tenant. */
  groupId: string | null;
  /** Handled by the file's `batch`, together with its neighbours, instead of by a function of one job. */
  together: boolean;
};

/** Jobs that run in one call: one job, or several for `batch`. */
export type Step<R> = R[];

/** Steps that run one after another. Lanes run side by side. */
export type Lane<R> = Step<R>[];

/**
 * Splits a delivery into lanes. A standard queue's jobs all run at once. A FIFO queue has a lane for each group, its
 * jobs in order. Jobs that `batch` handles share a call: all of them on a standard queue, neighbours of one group on a
 * FIFO queue.
 *
 * @param records - in the order in which they were delivered
 */
export function planLanes<R extends Plannable>(records: R[], fifo: boolean): Lane<R>[] {
  return fifo ? planGroups(records) : planStandard(records);
}

function planStandard<R extends Plannable>(records: R[]): Lane<R>[] {
  const lanes: Lane<R>[] = [];
  let shared: Step<R> | null = null;
  for (const record of records) {
    if (record.together && shared) shared.push(record);
    else {
      const step = [record];
      if (record.together) shared = step;
      lanes.push([step]);
    }
  }
  return lanes;
}

function planGroups<R extends Plannable>(records: R[]): Lane<R>[] {
  const lanes = new Map<string | null, Lane<R>>();
  for (const record of records) {
    const lane = lanes.get(record.groupId);
    if (!lane) {
      lanes.set(record.groupId, [[record]]);
      continue;
    }
    const last = lane.at(-1);
    if (record.together && last?.[0]?.together) last.push(record);
    else lane.push([record]);
  }
  return [...lanes.values()];
}
