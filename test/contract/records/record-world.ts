import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach } from "vitest";
import type {
  Claim,
  HeldJob,
  JobRecords,
  PushedJob,
  RecordBook,
} from "../../../packages/runtime/src/records/record-store.js";
import { createTableRecords } from "../../../packages/runtime/src/records/table-records.js";
import { type Disturbance, disturbedClient } from "./disturbed-client.js";
import type { RecordPlace, RunningTable } from "./record-place.js";

export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** Records in some place, on a clock of the test's. */
export type RecordWorld = {
  records: RecordBook & JobRecords;
  /** Milliseconds since 1970. */
  nowMs: number;
  disturbance: Disturbance;
  table: RunningTable;
  /** A push's job, of the queue "mail" unless told otherwise. */
  job: (of?: Partial<PushedJob>) => PushedJob;
  /** A delivery's claim, with a token of its own. */
  claim: (job: PushedJob, of?: Partial<Claim>) => Claim;
  /** Claims, which must succeed. */
  hold: (job: PushedJob, of?: Partial<Claim>) => Promise<HeldJob>;
  push: (of?: Partial<PushedJob>) => Promise<PushedJob>;
  /** The entries that are in the table, as "pk sk". */
  entries: () => Promise<string[]>;
};

export const FAILURE = { name: "Error", message: "No luck", stack: "Error: No luck\n    at job.ts:1" };

/** Opens the place for the tests of a `describe`; each test starts with an empty table. */
export function useRecords(place: RecordPlace, losesAnswers: boolean): RecordWorld {
  const world = {} as RecordWorld;
  beforeAll(async () => {
    world.table = await place.start();
  });
  afterAll(() => world.table.stop());
  beforeEach(async () => {
    await world.table.clear();
    world.nowMs = Date.UTC(2026, 10, 22, 12);
    world.disturbance = { before() {}, after() {}, losesAnswers };
    const disturbance: Disturbance = {
      before: (operation, input) => world.disturbance.before(operation, input),
      after: (operation, input) => world.disturbance.after(operation, input),
      get losesAnswers() {
        return world.disturbance.losesAnswers;
      },
    };
    world.records = createTableRecords({
      client: disturbedClient(world.table.client, disturbance),
      tableName: world.table.tableName,
      now: () => world.nowMs,
    });
  });
  world.job = (of = {}) => ({
    queueName: "mail",
    jobId: randomUUID(),
    pushId: randomUUID(),
    job: "default",
    maxAttempts: 3,
    redrives: 0,
    tag: null,
    groupId: null,
    userId: null,
    createdAtMs: world.nowMs,
    dueAtMs: null,
    retentionSeconds: 7 * 86_400,
    isCounted: false,
    isShared: false,
    ...of,
  });
  world.claim = ({ pushId: _, isShared: __, ...job }, of = {}) => ({
    ...job,
    leaseToken: randomUUID(),
    leaseUntilMs: world.nowMs + MINUTE_MS,
    expiresSeconds: null,
    ...of,
  });
  world.hold = async (job, of) => {
    const claim = world.claim(job, of);
    const answer = await world.records.claim(claim);
    if (answer.kind !== "claimed") throw new Error(`The job is ${JSON.stringify(answer)}`);
    return { ...claim, attempt: answer.attempt };
  };
  world.push = async (of) => {
    const job = world.job(of);
    await world.records.create([job]);
    return job;
  };
  world.entries = async () => {
    const items = await world.table.items();
    const keys = items.map(({ pk, sk }) => `${pk && "S" in pk && pk.S} ${sk && "S" in sk && sk.S}`);
    return keys.filter((key) => /^(?:tag|pending)#/.test(key)).sort();
  };
  return world;
}
