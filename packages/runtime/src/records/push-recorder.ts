import { pendingLimitReached } from "../errors/push-errors.js";
import { pushNotRecorded } from "../errors/record-errors.js";
import type { PushedJob, RecordBook } from "./record-store.js";

/** A push that is to be recorded before it is sent. */
type UnrecordedPush = {
  /** Under an id of its own. */
  job: PushedJob;
  /** FIFO: what repeated pushes of its group are told by; null: it is no repetition of any. */
  dedupeId: string | null;
};

/** A push that may be sent. */
export type RecordedPush = {
  /** Under the id of the first push, where it is repeated. */
  job: PushedJob;
  /** Whether it was this push that has written the record. */
  isNew: boolean;
};

/** Writes the records of pushes to one queue, those of one turn of the event loop together. */
export type PushRecorder = {
  /**
   * @param pushes - which are recorded all, or not at all
   * @throws QR_PENDING_LIMIT, QR_RECORDS_UNREACHABLE
   */
  record(pushes: UnrecordedPush[]): Promise<RecordedPush[]>;
  /** The send was refused. @returns false when the job has started all the same, so that the push has succeeded */
  takeBack(push: RecordedPush): Promise<boolean>;
};

type Request = {
  pushes: UnrecordedPush[];
  resolve: (recorded: RecordedPush[]) => void;
  reject: (error: unknown) => void;
};

/** @param maxPending - `limits.pending`; null: no limit */
export function createPushRecorder({
  records,
  queueName,
  maxPending,
}: {
  records: RecordBook;
  queueName: string;
  maxPending: number | null;
}): PushRecorder {
  let waiting: Request[] = [];

  async function recordAll(requests: Request[]): Promise<void> {
    let recorded: RecordedPush[][] = [];
    try {
      recorded = await nameAll(records, requests);
      await create(recorded.flat());
      const refused = maxPending === null ? new Set() : await refuseBeyond(recorded, maxPending);
      for (const [index, request] of requests.entries()) {
        const pushes = recorded[index] ?? [];
        if (refused.has(pushes)) request.reject(tooMany(pushes, maxPending ?? 0));
        else request.resolve(pushes);
      }
    } catch (error) {
      await takeBackAll(recorded.flat());
      for (const request of requests) request.reject(pushNotRecorded(queueName, error));
    }
  }

  /** Of one turn's pushes of one job, the first writes its record. */
  async function create(pushes: RecordedPush[]): Promise<void> {
    const firstOf = new Map<string, RecordedPush>();
    for (const push of pushes) if (!firstOf.has(push.job.jobId)) firstOf.set(push.job.jobId, push);
    const firsts = [...firstOf.values()];
    // What fails may be written all the same, and is to be taken back then.
    for (const push of firsts) push.isNew = true;
    const written = await records.create(firsts.map(({ job }) => job));
    for (const [index, push] of firsts.entries()) push.isNew = written[index] ?? false;
  }

  /**
   * Counted after they were written, so that of two pushes at least one sees the other: a limit is never exceeded. What
   * exceeds it is taken back, last things first.
   */
  async function refuseBeyond(requests: RecordedPush[][], limit: number): Promise<Set<RecordedPush[]>> {
    const beyond = new Map<string | null, number>();
    const groups = new Set(requests.flat().map(({ job }) => job.groupId));
    await Promise.all(
      [...groups].map(async (group) => {
        beyond.set(group, await records.countBeyond(queueName, group, limit));
      }),
    );
    const refused = new Set<RecordedPush[]>();
    for (const pushes of requests.toReversed()) {
      const ours = pushes.filter(({ isNew }) => isNew);
      const group = ours[0]?.job.groupId ?? null;
      const excess = beyond.get(group) ?? 0;
      if (ours.length === 0 || excess <= 0) continue;
      beyond.set(group, excess - ours.length);
      refused.add(pushes);
    }
    await takeBackAll([...refused].flat());
    return refused;
  }

  async function takeBackAll(pushes: RecordedPush[]): Promise<void> {
    await Promise.allSettled(pushes.filter(({ isNew }) => isNew).map(({ job }) => records.takeBack(job)));
  }

  function tooMany(pushes: RecordedPush[], limit: number): unknown {
    return pendingLimitReached(queueName, pushes[0]?.job.groupId ?? null, limit, pushes.length);
  }

  return {
    record: (pushes) =>
      new Promise((resolve, reject) => {
        if (waiting.length === 0)
          setImmediate(() => {
            const requests = waiting;
            waiting = [];
            void recordAll(requests);
          });
        waiting.push({ pushes, resolve, reject });
      }),
    async takeBack({ job, isNew }) {
      return !isNew || (await records.takeBack(job));
    },
  };
}

/** Gives repeated pushes the id of the first: the table's, and among those of one turn the first of them asks. */
async function nameAll(records: RecordBook, requests: Request[]): Promise<RecordedPush[][]> {
  const asked = new Map<string, Promise<string>>();
  const name = async ({ job, dedupeId }: UnrecordedPush): Promise<RecordedPush> => {
    if (dedupeId === null) return { job, isNew: false };
    const key = JSON.stringify([job.groupId, dedupeId]);
    const { queueName, jobId, groupId } = job;
    const first = asked.get(key) ?? records.firstPush({ queueName, jobId, groupId: groupId ?? "", dedupeId });
    asked.set(key, first);
    return { job: { ...job, jobId: await first, isShared: true }, isNew: false };
  };
  return Promise.all(requests.map(({ pushes }) => Promise.all(pushes.map(name))));
}
