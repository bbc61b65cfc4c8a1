/** What decides where in a delivery a job runs. */
type Plannable = {
  /** SQS's message group; on a standard queue it only marks a tenant. */
  groupId: string | null;
  /** Handled by the file's `batch`, together with its neighbours, instead of by a function of one job. */
  together: boolean;
};

/** Jobs that run one after another, neighbours that `batch` handles in one call. Lanes run side by side. */
export type Lane<R> = R[];

/** Jobs that run in one call: one job, or several for `batch`. */
export type Step<R> = R[];

/**
 * Splits a delivery into lanes. A standard queue's jobs all run at once, those that `batch` handles in one lane. A FIFO
 * queue has a lane for each group, its jobs in order.
 *
 * @param records - in the order in which they were delivered
 */
export function planLanes<R extends Plannable>(records: R[], fifo: boolean): Lane<R>[] {
  return fifo ? planGroups(records) : planStandard(records);
}

/** @returns the jobs of a lane that run in one call, from `start` on */
export function stepOf<R extends Plannable>(lane: Lane<R>, start: number): Step<R> {
  let end = start + 1;
  if (lane[start]?.together) while (lane[end]?.together) end++;
  return start === 0 && end === lane.length ? lane : lane.slice(start, end);
}

function planStandard<R extends Plannable>(records: R[]): Lane<R>[] {
  const lanes: Lane<R>[] = [];
  let shared: Lane<R> | null = null;
  for (const record of records) {
    if (record.together && shared) shared.push(record);
    else {
      const lane = [record];
      if (record.together) shared = lane;
      lanes.push(lane);
    }
  }
  return lanes;
}

function planGroups<R extends Plannable>(records: R[]): Lane<R>[] {
  const lanes = new Map<string | null, Lane<R>>();
  for (const record of records) {
    const lane = lanes.get(record.groupId);
    if (lane) lane.push(record);
    else lanes.set(record.groupId, [record]);
  }
  return [...lanes.values()];
}
